package mimetool

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

func TestUTF7(t *testing.T) {
	for _, c := range []struct{ why, utf7, text string }{
		{"RFC 2152", "A+ImIDkQ.", "A≢Α."},
		{"RFC 2152", "Hi Mom -+Jjo--!", "Hi Mom -☺-!"},
		{"RFC 2152", "+ZeVnLIqe-", "日本語"},
		{"RFC 2152", "Item 3 is +AKM-1.", "Item 3 is £1."},
		{"a plus sign", "1+-1", "1+1"},
		{"a pair of surrogates", "+2D3eAA-", "😀"},
	} {
		if got, _ := DecodeCharset("utf-7", []byte(c.utf7)); got != c.text {
			t.Errorf("%s: %q: %q", c.why, c.utf7, got)
		}
		encoded, err := utf7Encoding{}.NewEncoder().String(c.text)
		if back, _ := DecodeCharset("utf-7", []byte(encoded)); back != c.text || err != nil {
			t.Errorf("%q: encoded as %q, decoded as %q", c.text, encoded, back)
		}
	}
	for utf7, text := range map[string]string{
		"+2D0-":   "\ufffd",  // half a pair
		"+2D0AYQ": "\ufffda", // half a pair and a letter
		"+!":      "+!",
		"+":       "+",
		"\xe4":    "\ufffd",
		"+AGE":    "a",
		"+AGE b":  "a b",
	} {
		if got, _ := DecodeCharset("utf-7", []byte(utf7)); got != text {
			t.Errorf("%q: %q, want %q", utf7, got, text)
		}
	}
}

func TestIMAPUTF7(t *testing.T) {
	for _, c := range []struct{ why, utf7, text string }{
		{"RFC 3501 §5.1.3", "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"},
		{"RFC 3501 §5.1.3", "&Jjo-!", "☺!"},
		{"an ampersand", "A&-B", "A&B"},
		{"umlauts", "Entw&APw-rfe", "Entwürfe"},
		{"beyond the first plane", "&2D3eAA-", "😀"},
		{"control characters", "&AAk-", "\t"},
	} {
		if got, err := DecodeIMAPUTF7(c.utf7); got != c.text || err != nil {
			t.Errorf("%s: %q: %q %v", c.why, c.utf7, got, err)
		}
		if got := EncodeIMAPUTF7(c.text); got != c.utf7 {
			t.Errorf("%s: %q: %q, want %q", c.why, c.text, got, c.utf7)
		}
	}
	for _, bad := range []string{
		"&Jjo!",      // RFC 3501: the run is not ended
		"&Jjo", "a&", // nor these
		"&AGE-",    // printable ASCII stands for itself
		"&Jjp-",    // bits left that are not zero
		"&JjoA-",   // too many bits left
		"&2D0-",    // half a pair
		"\xc3\xa4", // 8-bit
		"&/////-",  // no digits
	} {
		if got, err := DecodeIMAPUTF7(bad); !errors.Is(err, ErrUTF7) || got != bad {
			t.Errorf("%q: %q %v", bad, got, err)
		}
	}
}

func FuzzUTF7(f *testing.F) {
	for _, s := range []string{"Hi Mom -+Jjo--!", "&U,BTFw-", "日本語 & +", "&-", "+2D3eAA-", "a\xffb😀"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, e := range []utf7Encoding{{}, {imap: true}} {
			encoded, err := e.NewEncoder().String(s)
			if err != nil || !isASCII(encoded) {
				t.Fatalf("%q: %q %v", s, encoded, err)
			}
			decoded, err := e.NewDecoder().String(encoded)
			if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && (decoded != want || err != nil) {
				t.Errorf("%q: %q, then %q %v", s, encoded, decoded, err)
			}
			pieces, err := io.ReadAll(transform.NewReader(iotest.OneByteReader(strings.NewReader(s)), e.NewEncoder()))
			if string(pieces) != encoded || err != nil {
				t.Errorf("%q: %q at once, %q %v in pieces", s, encoded, pieces, err)
			}
		}
		if text, err := DecodeIMAPUTF7(s); err == nil && EncodeIMAPUTF7(text) != s {
			t.Errorf("%q is %q, which is %q", s, text, EncodeIMAPUTF7(text))
		}
	})
}
