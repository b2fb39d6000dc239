package sendmail

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"posta/internal/dialer"
)

// lines is replies from a text; as internal/dialer's Conn.
type lines struct{ *bufio.Reader }

func newLines(s string) lines { return lines{bufio.NewReaderSize(strings.NewReader(s), 64<<10)} }

func (l lines) ReadLine(max int) ([]byte, error) {
	line, err := l.ReadSlice('\n')
	if err == io.EOF {
		return nil, io.ErrUnexpectedEOF
	}
	line = []byte(strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"))
	if err != nil || len(line) > max {
		return nil, dialer.ErrLineTooLong
	}
	return line, nil
}

func TestParseReply(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     Reply
	}{
		{"RFC 5321 §4.2", "250 ok\r\n", Reply{Code: 250, Text: "ok"}},
		{"no text", "250\r\n", Reply{Code: 250}},
		{"no text, space", "250 \r\n", Reply{Code: 250}},
		{"several lines, §4.2.1", "250-one\r\n250-two\r\n250 three\r\n", Reply{Code: 250, Text: "one\ntwo\nthree"}},
		{"last line without text", "250-one\r\n250\r\n", Reply{Code: 250, Text: "one\n"}},
		{"enhanced, RFC 2034", "550 5.1.1 no such user\r\n", Reply{550, [3]int{5, 1, 1}, "no such user"}},
		{"enhanced, several lines", "550-5.7.26 one\r\n550 5.7.26 two\r\n", Reply{550, [3]int{5, 7, 26}, "one\ntwo"}},
		{"enhanced alone", "250 2.0.0\r\n", Reply{250, [3]int{2, 0, 0}, ""}},
		{"enhanced of another class is text", "250 5.1.1 x\r\n", Reply{Code: 250, Text: "5.1.1 x"}},
		{"an address is no enhanced code", "250 2.1.1.1 x\r\n", Reply{Code: 250, Text: "2.1.1.1 x"}},
		{"a number is none either", "250 2000.1.1 x\r\n", Reply{Code: 250, Text: "2000.1.1 x"}},
		{"second line differs", "550-5.1.1 one\r\n550 5.1.2 two\r\n", Reply{550, [3]int{5, 1, 1}, "one\n5.1.2 two"}},
		{"LF alone", "250-a\n250 b\n", Reply{Code: 250, Text: "a\nb"}},
	} {
		r, err := parseReply(newLines(test.in))
		if err != nil || *r != test.want {
			t.Errorf("%s: %+v, %v", test.name, r, err)
		}
	}
}

func TestParseReplyBroken(t *testing.T) {
	for _, test := range []struct{ name, in string }{
		{"no code", "hello\r\n"},
		{"short", "25\r\n"},
		{"empty", "\r\n"},
		{"1yz is not SMTP's", "150 x\r\n"},
		{"6yz", "650 x\r\n"},
		{"no separator", "250x\r\n"},
		{"other code in the second line", "250-a\r\n550 b\r\n"},
		{"an endless reply", strings.Repeat("250-"+strings.Repeat("x", 1000)+"\r\n", 1000)},
	} {
		if r, err := parseReply(newLines(test.in)); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %+v, %v", test.name, r, err)
		}
	}
	if _, err := parseReply(newLines("250-a\r\n250 b")); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
}

// FuzzReply: a reply that is taken has a code, comes out the same when written again, and is bounded.
func FuzzReply(f *testing.F) {
	for _, s := range []string{"250 ok\r\n", "250-a\r\n250 b\r\n", "550-5.1.1 x\r\n550 5.1.1 y\r\n", "354\r\n", "250-a\r\n251 b\r\n", "2-0 x\r\n", "250 2.0.0\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := parseReply(newLines(in))
		if err != nil {
			return
		}
		if r.Code < 200 || r.Code > 599 || len(r.Text) > maxReply+100 || r.Enhanced[0] != 0 && r.Enhanced[0] != r.Code/100 {
			t.Fatalf("%+v", r)
		}
		if strings.Contains(r.String(), "\n") {
			t.Fatalf("%q is more than a line", r)
		}
		if r.Enhanced[0] != 0 && !strings.Contains(r.Text, "\n") {
			if again, err := parseReply(newLines(r.String() + "\r\n")); err != nil || *again != *r {
				t.Fatalf("%+v, again %+v, %v", r, again, err)
			}
		}
	})
}
