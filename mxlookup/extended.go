package mxlookup

import (
	"encoding/binary"
	"strconv"
	"strings"
)

const (
	optionEDE = 15 // RFC 8914 §2
	maxReason = 200
)

// extendedError is the first extended error among the options of an OPT record, in words; "" when there is none. What cannot be
// read is left out: it only explains.
func extendedError(options []byte) string {
	for len(options) >= 4 {
		code, n := binary.BigEndian.Uint16(options), int(binary.BigEndian.Uint16(options[2:]))
		if options = options[4:]; n > len(options) {
			return ""
		}
		if code == optionEDE && n >= 2 {
			info := int(binary.BigEndian.Uint16(options))
			return describe(info, string(options[2:n]))
		}
		options = options[n:]
	}
	return ""
}

// describe joins a code's meaning and the server's own text.
func describe(info int, text string) string {
	meaning := "extended error " + strconv.Itoa(info)
	if names := extendedErrors(); info < len(names) {
		meaning = names[info]
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1 // it is to be one line of an error
		}
		return r
	}, strings.ToValidUTF8(text[:min(len(text), maxReason)], ""))
	if info == 0 && text != "" {
		return text
	}
	if text != "" {
		meaning += ": " + text
	}
	return meaning
}

// extendedErrors are the registered meanings by code (RFC 8914 §5.2).
func extendedErrors() []string {
	return []string{
		"other error", "DNSKEY algorithm not supported", "DS digest not supported", "stale answer", "forged answer", "DNSSEC indeterminate",
		"DNSSEC bogus", "signature expired", "signature not yet valid", "DNSKEY missing", "RRSIGs missing", "no zone key bit set",
		"NSEC missing", "cached error", "not ready", "blocked", "censored", "filtered", "prohibited", "stale NXDOMAIN answer", "not authoritative",
		"not supported", "no authority can be reached", "network error", "invalid data",
	}
}
