package main

import (
	"context"
	"errors"
	"testing"
)

// fullDisk is a stream that takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestUnwritableStandardOutputIs74(t *testing.T) {
	e, _, stderr := testEnv("")
	e.stdout = fullDisk{}
	e.out = newOutput(e)
	if status := run(context.Background(), e, []string{"posta", "version"}); status != exitIOErr {
		t.Errorf("status %d, want 74", status)
	}
	if want := "posta: write standard output: no space left on device\n"; stderr.String() != want {
		t.Errorf("standard error %q, want %q", stderr, want)
	}
}

func TestLine(t *testing.T) {
	for _, tc := range []struct {
		tty    bool
		end    byte
		fields []string
		want   string
	}{
		{false, '\n', []string{"a", "b c"}, "a\tb c\n"},
		{false, '\n', []string{"a\r\nb\tc\x00"}, "a  b c\n"},
		{false, '\n', []string{"\x1b[2J"}, "\x1b[2J\n"},
		{true, '\n', []string{"\x1b[2J"}, `\x1b[2J` + "\n"},
		{false, 0, []string{"a\nb", "c\x00d"}, "a\nb\tcd\x00"},
	} {
		e, stdout, _ := testEnv("")
		e.out.tty, e.out.end = tc.tty, tc.end
		if err := e.out.Line(tc.fields...); err != nil {
			t.Fatal(err)
		}
		if err := e.out.Flush(); err != nil {
			t.Fatal(err)
		}
		if stdout.String() != tc.want {
			t.Errorf("Line(%q) wrote %q, want %q", tc.fields, stdout, tc.want)
		}
	}
}

// TestJSONOnTerminal: JSON leaves C1 and bidirectional controls as they are, which a terminal obeys.
func TestJSONOnTerminal(t *testing.T) {
	for _, tc := range []struct {
		tty  bool
		want string
	}{
		{true, `{"s":"\u001b[2J \u009b1m \u202egnp ü"}` + "\n"},
		{false, "{\"s\":\"\\u001b[2J \u009b1m \u202egnp ü\"}\n"},
	} {
		e, stdout, _ := testEnv("")
		e.out.tty = tc.tty
		if err := e.out.JSON(struct {
			S string `json:"s"`
		}{"\x1b[2J \u009b1m \u202egnp ü"}); err != nil {
			t.Fatal(err)
		}
		if err := e.out.Flush(); err != nil {
			t.Fatal(err)
		}
		if stdout.String() != tc.want {
			t.Errorf("tty %t: JSON wrote %q, want %q", tc.tty, stdout, tc.want)
		}
	}
}

func TestEscapeControl(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"plain ünïcode ✓", "plain ünïcode ✓"},
		{"\x1b]0;title\x07", `\x1b]0;title\x07`},
		{"a\tb\nc", `a b\x0ac`},
		{"\u009b31m", `\x9b31m`},
		{"\x9b31m", `\x9b31m`},
		{"\u202egnp.exe", `\u202egnp.exe`},
		{"\uFFFD", "\uFFFD"},
	} {
		if got := escapeControl(tc.in); got != tc.want {
			t.Errorf("escapeControl(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestWarnIsOneLineEach(t *testing.T) {
	e, _, stderr := testEnv("")
	e.warn("first\nsecond \x1b[0m\n")
	if want := "posta: first\nposta: second \\x1b[0m\n"; stderr.String() != want {
		t.Errorf("got %q, want %q", stderr, want)
	}
}
