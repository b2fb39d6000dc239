package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-smtp"
)

// Write takes what the server writes of a reply, and sends it on when it is whole.
func (f *front) Write(p []byte) (int, error) {
	f.reply = append(f.reply, p...)
	if !wholeReply(f.reply) {
		return len(p), nil
	}
	reply := string(f.reply)
	f.reply = f.reply[:0]
	switch {
	case f.mute > 0:
		f.mute--
		return len(p), nil
	case f.override != "" && !strings.HasPrefix(reply, "334"): // OAUTHBEARER refuses by a challenge first
		reply, f.override = f.override, ""
	case f.verb == "EHLO" || f.verb == "LHLO":
		reply = f.keywords(reply)
	}
	return len(p), f.send(reply)
}

// wholeReply says whether the last line of a reply is there: its code is not followed by "-" (RFC 5321 §4.2.1).
func wholeReply(reply []byte) bool {
	if !bytes.HasSuffix(reply, []byte("\n")) {
		return false
	}
	last := reply[bytes.LastIndexByte(reply[:len(reply)-1], '\n')+1:]
	return len(last) < 4 || last[3] != '-'
}

// send sends a reply, its last CRLF supplied. A 421 ends the connection.
func (f *front) send(reply string) error {
	if !strings.HasSuffix(reply, "\n") {
		reply += "\r\n"
	}
	f.code = reply[:min(3, len(reply))]
	err := f.write([]byte(reply))
	f.behave()
	if err == nil && f.code == "421" {
		return errors.Join(f.flush(), f.nc.Close())
	}
	return err
}

// keywords edits the reply to EHLO: go-smtp offers STARTTLS and REQUIRETLS by a TLS state that front keeps from it,
// and some keywords may be unwanted.
func (f *front) keywords(reply string) string {
	lines := strings.Split(strings.TrimSuffix(reply, "\r\n"), "\r\n")
	if !strings.HasPrefix(lines[0], "250") {
		return reply
	}
	switch {
	case f.tls != nil:
		lines = append(lines, "250 REQUIRETLS")
	case f.kind != lmtp:
		lines = append(lines, "250 STARTTLS")
	}
	out := lines[:1]
	for _, line := range lines[1:] {
		if word, _, _ := strings.Cut(line[4:], " "); !f.lacks(word) {
			out = append(out, line)
		}
	}
	for i := range out {
		out[i] = "250-" + out[i][4:]
	}
	out[len(out)-1] = "250 " + out[len(out)-1][4:]
	return strings.Join(out, "\r\n")
}

// meet does what is scripted for a stage, and says whether the server is to see the command.
func (f *front) meet(stage string, subjects ...string) (forward bool, err error) {
	reply, err := f.misbehave(stage, subjects...)
	if err != nil || reply == "" {
		return err == nil, err
	}
	return false, f.send(reply)
}

// connect does what is scripted for a new connection, and says whether there is to be a dialogue. After a greeting
// of 4xx or 5xx all commands but QUIT are refused (RFC 5321 §3.1).
func (f *front) connect() bool {
	reply, err := f.misbehave("connect", f.remoteIP())
	switch {
	case err != nil:
		return false
	case reply == "":
		return true
	case strings.HasPrefix(reply, "220"):
		f.override = reply
		return true
	}
	for err = f.send(reply); err == nil; err = f.send("503 5.5.1 There is no service") {
		line, err := f.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return false
		}
		if strings.EqualFold(strings.TrimSpace(string(line)), "QUIT") {
			f.send("221 2.0.0 Bye")
			f.flush()
			return false
		}
	}
	return false
}

// parseReply is a scripted reply as go-smtp takes it.
func parseReply(reply string) *smtp.SMTPError {
	code, text, _ := strings.Cut(strings.TrimRight(reply, "\r\n"), " ")
	e := &smtp.SMTPError{EnhancedCode: smtp.NoEnhancedCode, Message: text}
	fmt.Sscanf(code, "%d", &e.Code)
	enhanced, rest, _ := strings.Cut(text, " ")
	c := &e.EnhancedCode
	if n, _ := fmt.Sscanf(enhanced, "%d.%d.%d", &c[0], &c[1], &c[2]); n == 3 {
		e.Message = rest
	} else {
		e.EnhancedCode = smtp.NoEnhancedCode
	}
	return e
}
