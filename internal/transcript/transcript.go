// Package transcript writes down a mail dialogue as a person reads it: who said which line, and when.
//
//	0.0 ms -- connected to 127.0.0.1:25
//	0.4 ms S: 220 mail.example.org ESMTP
//	0.4 ms C: EHLO client.example.org
//
// Credentials never reach it. The protocol says so itself where it knows (Secret), and as a second net the package
// blots what looks like a login: AUTH (RFC 4954), PASS and APOP (RFC 1939), LOGIN and AUTHENTICATE (RFC 9051).
// What the peer sent cannot move a terminal's cursor: control characters are escaped, endless lines are shortened.
package transcript

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Log writes a transcript. A nil *Log records nothing. Its methods may be called from several goroutines.
type Log struct {
	w     io.Writer
	start time.Time

	mu  sync.Mutex
	buf []byte
	err error
}

// New returns a transcript that is written to w, one Write a line, timed from now on. After a failed write it is
// silent, and Err says why: a dialogue is not given up for its transcript.
func New(w io.Writer) *Log {
	return &Log{w: w, start: time.Now()}
}

// Sent records a line that the client sent, without its CRLF.
func (l *Log) Sent(line []byte) {
	if l == nil {
		return
	}
	if shown, ok := login(line); ok {
		l.Secret(shown)
		return
	}
	l.line("C: ", line, "")
}

// Received records a line that the server sent, without its CRLF.
func (l *Log) Received(line []byte) {
	if l == nil {
		return
	}
	l.line("S: ", line, "")
}

// Secret records that the client sent a line of which only the beginning may be seen:
// Secret("AUTH PLAIN") shows "C: AUTH PLAIN ****", Secret("") shows "C: ****".
func (l *Log) Secret(shown string) {
	if l == nil {
		return
	}
	if shown != "" {
		shown += " "
	}
	l.line("C: ", []byte(shown), "****")
}

// Note records something that is no line of the dialogue, such as a TLS handshake.
func (l *Log) Note(format string, args ...any) {
	if l == nil {
		return
	}
	l.line("-- ", fmt.Appendf(nil, format, args...), "")
}

// Err returns the first error of writing the transcript.
func (l *Log) Err() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *Log) line(mark string, text []byte, blot string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	ms := float64(time.Since(l.start).Microseconds()) / 1000
	l.buf = fmt.Appendf(l.buf[:0], "%9.1f ms %s", ms, mark)
	l.buf = appendVisible(l.buf, text)
	l.buf = append(l.buf, blot...)
	l.buf = append(l.buf, '\n')
	_, l.err = l.w.Write(l.buf)
}
