package mxlookup

import (
	"errors"
	"strings"
)

// Bounds of a name (RFC 1035 §2.3.4).
const (
	maxLabel = 63
	maxName  = 255 // octets on the wire
)

var (
	errName    = errors.New("name is cut short or too long")
	errPointer = errors.New("name has a compression pointer that does not lead backwards")
)

// name reads the name at off: its text in lower case without the final dot ("." for the root), and where the
// message goes on after it.
//
// A compression pointer has to lead to before the name (or part of one) that it stands in (RFC 1035 §4.1.4 "a prior
// occurrence"), so that every walk ends.
func (m message) name(off int) (text string, next int, err error) {
	var buf [maxName]byte
	out, length, limit := buf[:0], 1, off
	for {
		if off >= len(m) {
			return "", 0, errName
		}
		n := int(m[off])
		switch {
		case n == 0:
			if next == 0 {
				next = off + 1
			}
			if len(out) == 0 {
				return ".", next, nil
			}
			return string(out), next, nil
		case n >= 0xc0:
			if off+2 > len(m) {
				return "", 0, errName
			}
			if next == 0 {
				next = off + 2
			}
			to := n&0x3f<<8 | int(m[off+1])
			if to >= limit {
				return "", 0, errPointer
			}
			off, limit = to, to
		case n > maxLabel: // 01 and 10 are reserved
			return "", 0, errName
		default:
			if length += n + 1; off+1+n > len(m) || length > maxName {
				return "", 0, errName
			}
			if len(out) > 0 {
				out = append(out, '.')
			}
			out = appendLabel(out, m[off+1:off+1+n])
			off += 1 + n
		}
	}
}

// skipName is where the message goes on after the name at off.
func (m message) skipName(off int) (int, error) {
	for off < len(m) {
		n := int(m[off])
		switch {
		case n == 0:
			return off + 1, nil
		case n >= 0xc0:
			return off + 2, nil
		case n > maxLabel:
			return 0, errName
		}
		off += 1 + n
	}
	return 0, errName
}

// appendLabel appends a label's text in lower case. What would not read back as the same label is written \DDD or
// \X (RFC 1035 §5.1): so a host name with control characters, spaces or dots in a label is harmless and exact.
func appendLabel(out, label []byte) []byte {
	for _, c := range label {
		switch {
		case 'A' <= c && c <= 'Z':
			out = append(out, c|0x20)
		case c == '.' || c == '\\':
			out = append(out, '\\', c)
		case c <= ' ' || c > '~':
			out = append(out, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		default:
			out = append(out, c)
		}
	}
	return out
}

// packName appends the wire form of a name's text.
func packName(b []byte, text string) ([]byte, error) {
	text = trimDot(text)
	start, mark := len(b), len(b)
	b = append(b, 0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '.':
			if len(b) == mark+1 {
				return nil, ErrBadName
			}
			mark = len(b)
			b = append(b, 0)
			continue
		case c == '\\':
			var n int
			if c, n = unescape(text[i+1:]); n == 0 {
				return nil, ErrBadName
			}
			i += n
		}
		if b = append(b, c); len(b)-mark > maxLabel+1 {
			return nil, ErrBadName
		}
		b[mark]++
	}
	if text != "" && b[mark] == 0 {
		return nil, ErrBadName
	}
	if text != "" {
		b = append(b, 0)
	}
	if len(b)-start > maxName {
		return nil, ErrBadName
	}
	return b, nil
}

// trimDot removes a final dot that is not part of the last label.
func trimDot(text string) string {
	name, ok := strings.CutSuffix(text, ".")
	if slashes := len(name) - len(strings.TrimRight(name, `\`)); !ok || slashes%2 == 1 {
		return text
	}
	return name
}

// unescape reads DDD or X after a backslash: the octet, and how many characters it took (0: none that are valid).
func unescape(s string) (c byte, n int) {
	if s == "" {
		return 0, 0
	}
	if s[0] < '0' || s[0] > '9' {
		return s[0], 1
	}
	v := 0
	for ; n < 3; n++ {
		if n >= len(s) || s[n] < '0' || s[n] > '9' {
			return 0, 0
		}
		v = v*10 + int(s[n]-'0')
	}
	if v > 255 {
		return 0, 0
	}
	return byte(v), 3
}
