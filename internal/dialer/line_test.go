package dialer

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// canned is a peer that sent something and closed, or failed with err.
type canned struct {
	net.Conn
	r io.Reader
}

func (c canned) Read(p []byte) (int, error)       { return c.r.Read(p) }
func (c canned) SetReadDeadline(time.Time) error  { return nil }
func (c canned) SetWriteDeadline(time.Time) error { return nil }

func reading(r io.Reader) *Conn {
	return newConn(canned{r: r}, Config{Address: "mail.example.org:25", Timeout: limit})
}

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", 3*bufferSize)
	for _, c := range []struct {
		name, input string
		max         int
		want        []string
		err         error
	}{
		{"CRLF", "220 a\r\n221 b\r\n", 100, []string{"220 a", "221 b"}, io.ErrUnexpectedEOF},
		{"LF alone", "220 a\n221 b\n", 100, []string{"220 a", "221 b"}, io.ErrUnexpectedEOF},
		{"only one CR is of the line end", "a\r\r\n", 100, []string{"a\r"}, io.ErrUnexpectedEOF},
		{"CR alone", "a\rb\n", 100, []string{"a\rb"}, io.ErrUnexpectedEOF},
		{"empty lines", "\r\n\n", 100, []string{"", ""}, io.ErrUnexpectedEOF},
		{"NUL", "a\x00b\r\n", 100, []string{"a\x00b"}, io.ErrUnexpectedEOF},
		{"cut", "220 a\r\n221", 100, []string{"220 a"}, io.ErrUnexpectedEOF},
		{"cut before LF", "220 a\r", 100, nil, io.ErrUnexpectedEOF},
		{"nothing", "", 100, nil, io.ErrUnexpectedEOF},
		{"as long as may be", "12345\r\n", 5, []string{"12345"}, io.ErrUnexpectedEOF},
		{"too long", "123456\r\n", 5, nil, ErrLineTooLong},
		{"longer than the buffer", long + "\r\n.\r\n", len(long), []string{long, "."}, io.ErrUnexpectedEOF},
		{"too long, longer than the buffer", long + "x\r\n", len(long), nil, ErrLineTooLong},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := reading(strings.NewReader(c.input))
			for _, want := range c.want {
				if line, err := conn.ReadLine(c.max); err != nil || string(line) != want {
					t.Fatalf("%.50q, %v; want %.50q", line, err, want)
				}
			}
			if line, err := conn.ReadLine(c.max); !errors.Is(err, c.err) {
				t.Errorf("%.50q, %v; want %v", line, err, c.err)
			}
		})
	}
}

// An endless line costs no more memory than the longest that is allowed.
func TestEndlessLine(t *testing.T) {
	conn := reading(endless('x'))
	if _, err := conn.ReadLine(1 << 20); !errors.Is(err, ErrLineTooLong) {
		t.Errorf("%v", err)
	}
	if cap(conn.line) > 4<<20 {
		t.Errorf("%d octets kept", cap(conn.line))
	}
	var e *Error
	if _, err := reading(endless('x')).ReadLine(100); !errors.As(err, &e) || e.Kind != Protocol {
		t.Errorf("%v", err)
	}
}

type endless byte

func (b endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}

func TestLinesAndBulkMixed(t *testing.T) {
	conn := reading(strings.NewReader("* 1 FETCH {4}\r\nbody)\r\nrest"))
	if line, err := conn.ReadLine(100); string(line) != "* 1 FETCH {4}" {
		t.Fatal(string(line), err)
	}
	if p, err := conn.Peek(2); string(p) != "bo" {
		t.Fatal(string(p), err)
	}
	if n, err := conn.Discard(1); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	p := make([]byte, 3)
	if _, err := io.ReadFull(conn, p); string(p) != "ody" {
		t.Fatal(string(p), err)
	}
	if line, err := conn.ReadLine(100); string(line) != ")" {
		t.Fatal(string(line), err)
	}
	if conn.Buffered() != 4 {
		t.Error(conn.Buffered(), "octets are left")
	}
	if rest, err := io.ReadAll(conn); string(rest) != "rest" || err != nil {
		t.Error(string(rest), err)
	}
}

// FuzzReadLine compares with cutting at each LF, however the octets arrive.
func FuzzReadLine(f *testing.F) {
	f.Add([]byte("220 a\r\n221 b\n"), 10)
	f.Add([]byte("\r\r\n\x00\n\n"), 1)
	f.Add(bytes.Repeat([]byte("x"), 100), 99)
	f.Fuzz(func(t *testing.T, input []byte, max int) {
		if max < 0 {
			max = -max
		}
		max %= 2 * bufferSize
		for _, r := range []io.Reader{bytes.NewReader(input), iotest.OneByteReader(bytes.NewReader(input)), iotest.DataErrReader(bytes.NewReader(input))} {
			compareLines(t, reading(r), input, max)
		}
	})
}

func compareLines(t *testing.T, conn *Conn, input []byte, max int) {
	for {
		line, err := conn.ReadLine(max)
		want, rest, found := bytes.Cut(input, []byte("\n"))
		want = bytes.TrimSuffix(want, []byte("\r"))
		switch {
		case !found && len(input) <= max:
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%q, %v at the end", line, err)
			}
			return
		case found && len(want) > max:
			if !errors.Is(err, ErrLineTooLong) {
				t.Fatalf("%q, %v; the line is too long", line, err)
			}
			return
		case !found:
			if err == nil {
				t.Fatalf("%q without a line end", line)
			}
			return
		case err != nil || !bytes.Equal(line, want):
			t.Fatalf("%q, %v; want %q", line, err, want)
		}
		input = rest
	}
}
