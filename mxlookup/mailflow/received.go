package mailflow

import (
	"net/netip"
	"strings"
	"time"

	"posta/mimetool"
)

// Hop is a Received field: a server that took the letter (RFC 5321 §4.4).
type Hop struct {
	From    string     `json:"from,omitempty"`    // the name that the client gave
	Address netip.Addr `json:"address,omitzero"`  // the address that it came from
	By      string     `json:"by,omitempty"`      // who took it
	With    string     `json:"with,omitempty"`    // how: ESMTPS has TLS, ESMTPA a login (RFC 3848)
	ID      string     `json:"id,omitempty"`      // its name there
	For     string     `json:"for,omitempty"`     // one recipient
	Time    time.Time  `json:"time,omitzero"`     // when, by its own clock
	Delay   float64    `json:"delay"`             // seconds since the hop before; negative when the clocks disagree
	Skew    bool       `json:"skew,omitempty"`    // Delay is negative
	Longest bool       `json:"longest,omitempty"` // here it waited longest
}

// parseReceived takes a Received field apart as far as it goes: servers write much that no grammar has.
func parseReceived(value string) Hop {
	var h Hop
	clauses, date := value, ""
	if i := strings.LastIndexByte(value, ';'); i >= 0 {
		clauses, date = value[:i], value[i+1:]
	}
	if t, err := mimetool.ParseDate(date); err == nil {
		h.Time = t
	}
	key := ""
	for _, word := range receivedWords(clauses) {
		switch lower := strings.ToLower(word); lower {
		case "from", "by", "via", "with", "id", "for":
			key = lower
			continue
		}
		h.take(key, word)
	}
	return h
}

// take puts a word where it belongs: the first of a clause counts, and a comment after "from" has the address.
func (h *Hop) take(key, word string) {
	if strings.HasPrefix(word, "(") {
		if key == "from" && !h.Address.IsValid() {
			h.Address = addressIn(word)
		}
		return
	}
	field := map[string]*string{"from": &h.From, "by": &h.By, "with": &h.With, "id": &h.ID, "for": &h.For}[key]
	if field == nil || *field != "" {
		return
	}
	*field = strings.Trim(word, "<>;,")
	if key == "from" && strings.HasPrefix(word, "[") {
		h.Address = addressIn(word)
	}
}

// receivedWords are the words of a text; a comment with all in it is one.
func receivedWords(text string) []string {
	var words []string
	for text = strings.TrimLeft(text, " \t\r\n"); text != "" && len(words) < 200; text = strings.TrimLeft(text, " \t\r\n") {
		n := strings.IndexAny(text, " \t\r\n")
		if n < 0 {
			n = len(text)
		}
		if text[0] == '(' {
			n = commentLength(text)
		} else if i := strings.IndexByte(text[:n], '('); i > 0 {
			n = i
		}
		words = append(words, text[:n])
		text = text[n:]
	}
	return words
}

// commentLength is how long the comment is that text begins with (RFC 5322 §3.2.2).
func commentLength(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// addressIn finds an IP address in a comment or literal: "(mx [192.0.2.1])", "([IPv6:2001:db8::1])".
func addressIn(text string) netip.Addr {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ()[]<>,;=\t\r\n", r) }) {
		word = strings.TrimPrefix(strings.TrimPrefix(word, "IPv6:"), "ipv6:")
		if a, err := netip.ParseAddr(word); err == nil {
			return a
		}
		if ap, err := netip.ParseAddrPort(word); err == nil {
			return ap.Addr()
		}
	}
	return netip.Addr{}
}

// timeHops works out how long the letter was at each hop; the hops are in the order of time.
func timeHops(hops []Hop, sent time.Time) (total time.Duration) {
	last, first := sent, sent
	longest, most := -1, time.Duration(0)
	for i := range hops {
		h := &hops[i]
		if h.Time.IsZero() {
			continue
		}
		if first.IsZero() {
			first = h.Time
		}
		if !last.IsZero() {
			delay := h.Time.Sub(last)
			h.Delay, h.Skew = delay.Seconds(), delay < 0
			if delay > most {
				longest, most = i, delay
			}
		}
		last = h.Time
	}
	if longest >= 0 {
		hops[longest].Longest = true
	}
	if last.IsZero() || first.IsZero() {
		return 0
	}
	return last.Sub(first)
}
