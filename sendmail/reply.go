package sendmail

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxReplyLine = 4 << 10  // RFC 5321 §4.5.3.1.5 says 512; servers with long explanations exceed it
	maxReply     = 64 << 10 // all lines of one reply
)

// Reply is a server's reply (RFC 5321 §4.2).
type Reply struct {
	Code     int    // 200…599
	Enhanced [3]int // RFC 2034, zero when there is none
	Text     string // lines joined by "\n", without the codes
}

// String is the reply as one line, its lines joined by spaces.
func (r *Reply) String() string {
	s := strconv.Itoa(r.Code)
	if r.Enhanced[0] != 0 {
		s += " " + enhancedString(r.Enhanced)
	}
	if r.Text != "" {
		s += " " + strings.ReplaceAll(r.Text, "\n", " ")
	}
	return s
}

// OK says whether the reply is positive: 2yz, or 3yz where more is awaited.
func (r *Reply) OK() bool { return r.Code < 400 }

// lineReader is where replies come from: lines without their ends, at most max octets.
type lineReader interface {
	ReadLine(max int) ([]byte, error)
}

// parseReply reads one reply, bounded in its lines and in all.
func parseReply(in lineReader) (*Reply, error) {
	r := new(Reply)
	var text []byte
	for total := 0; ; {
		line, err := in.ReadLine(maxReplyLine)
		if err != nil {
			return nil, err
		}
		code, more, rest, err := parseReplyLine(line)
		switch total += len(line); {
		case err != nil:
			return nil, err
		case r.Code != 0 && code != r.Code:
			return nil, fmt.Errorf("%w: a reply whose lines have different codes", ErrProtocol)
		case total > maxReply:
			return nil, fmt.Errorf("%w: a reply without end", ErrProtocol)
		}
		first := r.Code == 0
		r.Code = code
		if enhanced, after, ok := parseEnhanced(code, rest); ok && (first || enhanced == r.Enhanced) {
			r.Enhanced, rest = enhanced, after
		}
		if first && !more {
			r.Text = string(rest)
			return r, nil
		}
		if !first {
			text = append(text, '\n')
		}
		if text = append(text, rest...); !more {
			r.Text = string(text)
			return r, nil
		}
	}
}

// parseReplyLine takes "250-text", "250 text" or "250" (RFC 5321 §4.2: the text may be missing) apart.
func parseReplyLine(line []byte) (code int, more bool, text []byte, err error) {
	if len(line) < 3 || line[0] < '2' || line[0] > '5' || !digit(line[1]) || !digit(line[2]) {
		return 0, false, nil, notAReply(line)
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	switch {
	case len(line) == 3:
		return code, false, nil, nil
	case line[3] == ' ', line[3] == '-':
		return code, line[3] == '-', line[4:], nil
	}
	return 0, false, nil, notAReply(line)
}

// notAReply quotes the start of what came instead.
func notAReply(line []byte) error {
	if len(line) > 60 {
		line = line[:60]
	}
	return fmt.Errorf("%w: %q is not a reply", ErrProtocol, line)
}

// parseEnhanced takes a leading enhanced status code (RFC 3463 §2) off text, if its class is that of the code.
func parseEnhanced(code int, text []byte) (e [3]int, rest []byte, ok bool) {
	rest = text
	for i := range e {
		n := 0
		for n < len(rest) && n < 3 && digit(rest[n]) {
			e[i] = e[i]*10 + int(rest[n]-'0')
			n++
		}
		if n == 0 {
			return [3]int{}, text, false
		}
		if rest = rest[n:]; i == 2 {
			break
		}
		if len(rest) == 0 || rest[0] != '.' {
			return [3]int{}, text, false
		}
		rest = rest[1:]
	}
	if e[0] != code/100 || len(rest) > 0 && rest[0] != ' ' {
		return [3]int{}, text, false
	}
	return e, bytes.TrimPrefix(rest, []byte(" ")), true
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// enhancedString is "5.1.1", or "" for none.
func enhancedString(e [3]int) string {
	if e[0] == 0 {
		return ""
	}
	return strconv.Itoa(e[0]) + "." + strconv.Itoa(e[1]) + "." + strconv.Itoa(e[2])
}
