package stream

import (
	"bytes"
	"fmt"
	"io"
	"time"
)

// mboxWriter writes mboxrd.
type mboxWriter struct {
	w    io.Writer
	opt  Options
	buf  []byte
	head []byte
}

func newMboxWriter(w io.Writer, opt Options) *mboxWriter {
	return &mboxWriter{w: w, opt: opt, buf: make([]byte, mboxBuffer)}
}

// WriteMessage writes the From_ line, the message with its From_ lines quoted, a line end where it has none at its
// end, and the empty line that separates it from the next. The From_ line has the envelope's sender, or else that of a
// Return-Path with which the message begins.
func (w *mboxWriter) WriteMessage(m *Message) error {
	sender, whole := m.From, m.Reader
	if sender == "" && !m.NullFrom {
		if w.head == nil {
			w.head = make([]byte, 0, maxReturnPath)
		}
		sender, whole = returnPath(m.Reader, w.head)
	}
	if _, err := io.WriteString(w.w, w.fromLine(sender, m.Date)); err != nil {
		return err
	}
	q := &fromQuoter{w: w.w, bol: true}
	if _, err := io.CopyBuffer(struct{ io.Writer }{q}, struct{ io.Reader }{whole}, w.buf); err != nil {
		return err
	}
	return q.end()
}

func (w *mboxWriter) fromLine(sender string, date time.Time) string {
	if sender == "" || bytes.ContainsAny([]byte(sender), " \t\r\n") {
		sender = "MAILER-DAEMON"
	}
	if date.IsZero() {
		if date = w.opt.Now; date.IsZero() {
			date = time.Unix(0, 0)
		}
	}
	// RFC 4155 appendix A: UTC, without saying so.
	return fmt.Sprintf("From %s %s\n", sender, date.UTC().Format(time.ANSIC))
}

func (w *mboxWriter) Close() error { return nil }

// fromQuoter puts a ">" before each line that is a From_ line or one that was quoted.
type fromQuoter struct {
	w    io.Writer
	bol  bool
	held []byte // the beginning of a line that may become such a one
	last byte   // octet written
	out  []byte
}

func (q *fromQuoter) Write(p []byte) (int, error) {
	n := len(p)
	if len(q.held) > 0 { // a line's beginning that the last Write ended in
		p = append(q.held, p...)
		q.held = nil
	}
	q.out = q.out[:0]
	for len(p) > 0 {
		if q.bol {
			state := fromState(p)
			if state == fromMaybe {
				q.held = append([]byte(nil), p...)
				break
			}
			if state == fromYes {
				q.out = append(q.out, '>')
			}
		}
		i := bytes.IndexByte(p, '\n')
		if q.bol = i >= 0; !q.bol {
			i = len(p) - 1
		}
		q.out, p = append(q.out, p[:i+1]...), p[i+1:]
	}
	return n, q.flush()
}

func (q *fromQuoter) flush() error {
	if len(q.out) == 0 {
		return nil
	}
	q.last = q.out[len(q.out)-1]
	_, err := q.w.Write(q.out)
	return err
}

// end writes what is held and the message's last line ends.
func (q *fromQuoter) end() error {
	q.out = append(q.out[:0], q.held...)
	if last := len(q.out) - 1; last >= 0 {
		q.last = q.out[last]
	}
	if q.last != '\n' && (q.last != 0 || len(q.out) > 0) {
		q.out = append(q.out, '\n')
	}
	q.out = append(q.out, '\n')
	_, err := q.w.Write(q.out)
	return err
}

const (
	fromNo = iota
	fromYes
	fromMaybe // more octets would tell
)

// fromState says whether line begins with any number of ">" and "From ".
func fromState(line []byte) int {
	rest := bytes.TrimLeft(line, ">")
	const from = "From "
	switch {
	case len(rest) >= len(from) && string(rest[:len(from)]) == from:
		return fromYes
	case len(rest) < len(from) && from[:len(rest)] == string(rest) && len(line) < fromLineMax:
		return fromMaybe
	}
	return fromNo
}
