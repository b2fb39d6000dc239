package stream

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// TestReturnPath: the From_ line has the sender of a Return-Path with which a message begins (RFC 5321 §4.4), where that can
// stand in such a line.
func TestReturnPath(t *testing.T) {
	for begin, want := range map[string]string{
		"Return-Path: <a@example.org>\r\n":                  "a@example.org",
		"return-path:<a@example.org>\n":                     "a@example.org",
		"Return-Path: \t <ü@example.org>  \r\n":             "ü@example.org",
		"Return-Path: <@relay:a@example.org>\r\n":           "@relay:a@example.org",
		"Return-Path: <>\r\n":                               "MAILER-DAEMON",
		"Return-Path: a@example.org\r\n":                    "MAILER-DAEMON",
		"Return-Path: <a b@example.org>\r\n":                "MAILER-DAEMON",
		"Return-Path: <a@example.org> (x)\r\n":              "MAILER-DAEMON",
		"Return-Path: <a@example.org\r\n":                   "MAILER-DAEMON",
		"Return-Path: <a@example.org>\r\n (x)\r\n":          "MAILER-DAEMON",
		"Return-Path:\r\n <a@example.org>\r\n":              "MAILER-DAEMON",
		"Return-Path: <\x1b[2J@example.org>\r\n":            "MAILER-DAEMON",
		"Return-Path:":                                      "MAILER-DAEMON",
		"Return-Pat":                                        "MAILER-DAEMON",
		"":                                                  "MAILER-DAEMON",
		"X: y\r\nReturn-Path: <a@example.org>\r\n":          "MAILER-DAEMON",
		"Return-Path: <" + strings.Repeat("a", 2000):        "MAILER-DAEMON",
		"Return-Path: <" + strings.Repeat("a", 900) + ">\n": strings.Repeat("a", 900),
	} {
		for _, rest := range []string{"", "X: z\r\n\r\nbody\r\n"} {
			for name, r := range map[string]io.Reader{
				"whole": strings.NewReader(begin + rest), "by the octet": iotest.OneByteReader(strings.NewReader(begin + rest)),
			} {
				var out bytes.Buffer
				w := newMboxWriter(&out, Options{Now: time.Unix(0, 0)})
				if err := w.WriteMessage(&Message{Reader: r}); err != nil {
					t.Fatal(err)
				}
				line, text, _ := strings.Cut(out.String(), "\n")
				if line != "From "+want+" Thu Jan  1 00:00:00 1970" || strings.TrimRight(text, "\n") != strings.TrimRight(begin+rest, "\n") {
					t.Errorf("%.60q, %s: %q", begin, name, line)
				}
			}
		}
	}
}

// TestReturnPathKnown: what the envelope says counts.
func TestReturnPathKnown(t *testing.T) {
	const text = "Return-Path: <a@example.org>\n\n"
	for want, m := range map[string]*Message{
		"From b@example.org ": {Reader: strings.NewReader(text), From: "b@example.org"},
		"From MAILER-DAEMON ": {Reader: strings.NewReader(text), NullFrom: true},
	} {
		var out bytes.Buffer
		if err := newMboxWriter(&out, Options{}).WriteMessage(m); err != nil || !strings.HasPrefix(out.String(), want) {
			t.Errorf("%v: %q, want %q", err, out.String(), want)
		}
	}
}

// TestReturnPathError: an error within the first line is told.
func TestReturnPathError(t *testing.T) {
	fault := errors.New("fault")
	r := io.MultiReader(strings.NewReader("Return-Path: <a@"), iotest.ErrReader(fault))
	if err := newMboxWriter(io.Discard, Options{}).WriteMessage(&Message{Reader: r}); !errors.Is(err, fault) {
		t.Errorf("%v", err)
	}
}
