package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// output is standard output as commands write to it: buffered, every write checked. On a terminal each line goes
// out at once and control characters are escaped, since what is shown came from the network.
type output struct {
	w   *bufio.Writer
	raw io.Writer // below w
	tty bool
	end byte // of a line: '\n', or NUL with -0
}

func newOutput(e *env) *output {
	return &output{w: bufio.NewWriterSize(e.stdout, 64<<10), raw: e.stdout, tty: isTerminal(e.stdout), end: '\n'}
}

// isTerminal says whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns is how wide the terminal is.
func (o *output) columns() int {
	if f, ok := o.raw.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 80
}

// Write writes data as it is, on a terminal too: the caller asked for the bytes.
func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	return n, writeError(err)
}

// Line writes one line of fields with tabs between. A field cannot make a new line or a new field.
func (o *output) Line(fields ...string) error {
	for i, f := range fields {
		if i > 0 {
			o.w.WriteByte('\t')
		}
		o.w.WriteString(o.field(f))
	}
	err := o.w.WriteByte(o.end)
	if err == nil && o.tty {
		err = o.w.Flush()
	}
	return writeError(err)
}

// field makes s safe to be a field: with -0 a NUL alone would break it; otherwise line ends and tabs too, and on a
// terminal every control character.
func (o *output) field(s string) string {
	switch {
	case o.tty:
		return escapeControl(s)
	case o.end == 0:
		return strings.ReplaceAll(s, "\x00", "")
	case strings.ContainsAny(s, "\n\r\t\x00"):
		return strings.NewReplacer("\n", " ", "\r", " ", "\t", " ", "\x00", "").Replace(s)
	}
	return s
}

// JSON writes v as one line of JSON.
func (o *output) JSON(v any) error {
	var w io.Writer = o.w
	if o.tty {
		w = terminalJSON{o.w}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	if err == nil && o.tty {
		err = o.w.Flush()
	}
	return writeError(err)
}

// terminalJSON writes JSON to a terminal: control characters that JSON leaves as they are, which can only stand in a
// string, are escaped.
type terminalJSON struct{ w io.Writer }

func (t terminalJSON) Write(p []byte) (int, error) {
	var b strings.Builder
	for _, r := range string(p) {
		if r != '\n' && needsEscape(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	_, err := io.WriteString(t.w, b.String())
	return len(p), err
}

// Flush writes out what is buffered. Commands that wait between lines call it; run calls it at the end.
func (o *output) Flush() error { return writeError(o.w.Flush()) }

// writeError is err as one of standard output. A closed pipe never comes here: SIGPIPE ends the process quietly.
func writeError(err error) error {
	if err == nil {
		return nil
	}
	return fail(exitIOErr, "write standard output: %w", err)
}

// warn writes a line on standard error: "posta: ", then what and why. Control characters are escaped.
func (e *env) warn(format string, args ...any) {
	s := strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = "posta: " + escapeControl(lines[i]) + "\n"
	}
	io.WriteString(e.stderr, strings.Join(lines, ""))
}

// escapeControl shows what could move a terminal's cursor or reorder its text: C0, DEL, C1 and bidirectional
// controls become \xNN or \uNNNN, bytes that are not UTF-8 too. A tab becomes a space.
func escapeControl(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, needsEscape) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\t':
			b.WriteByte(' ')
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(r)):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !needsEscape(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func needsEscape(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 ||
		r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
