package pop3

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// slow is the reference: RFC 1939 §3 line by line.
func slow(wire string) (text, rest string, ok bool) {
	var b strings.Builder
	for {
		i := strings.Index(wire, "\r\n")
		if i < 0 {
			return "", "", false
		}
		line := wire[:i]
		wire = wire[i+2:]
		if line == "." {
			return b.String(), wire, true
		}
		b.WriteString(strings.TrimPrefix(line, "."))
		b.WriteString("\r\n")
	}
}

func FuzzBody(f *testing.F) {
	for _, wire := range []string{".\r\n", "a\r\n.\r\n+OK", "..\r\n.\r\n", "a\r\r\n.\r\n", "a\n.\r\n.\r\n", ".a\r\n\r\n.\r\n", "a", "\r\n.", "\r\n.\r", ".\r", "x\r\n.\n.\r\n.\r\n"} {
		f.Add(wire, 16)
		f.Add(wire, 1<<16)
	}
	f.Fuzz(func(t *testing.T, wire string, size int) {
		want, rest, ok := slow(wire)
		for _, src := range []io.Reader{strings.NewReader(wire), iotest.OneByteReader(strings.NewReader(wire))} {
			for _, whole := range []bool{true, false} {
				br := bufio.NewReaderSize(src, max(16, size&0xfff))
				b := &body{}
				b.reset(br)
				var got []byte
				var err error
				if whole {
					var out bytes.Buffer
					_, err = b.WriteTo(&out)
					got = out.Bytes()
				} else {
					got, err = io.ReadAll(iotest.OneByteReader(b))
				}
				if ok != (err == nil) || !ok && !errors.Is(err, ErrCut) {
					t.Fatalf("%q: %v", wire, err)
				}
				left, _ := io.ReadAll(br)
				if ok && (string(got) != want || string(left) != rest) {
					t.Fatalf("%q: %q and %q, want %q and %q", wire, got, left, want, rest)
				}
				if seeker, is := src.(io.Seeker); is {
					seeker.Seek(0, io.SeekStart)
				} else {
					src = iotest.OneByteReader(strings.NewReader(wire))
				}
			}
		}
	})
}

func BenchmarkBody(b *testing.B) {
	letter := strings.Repeat("0123456789012345678901234567890123456789012345678901234567890123456789012345\r\n", 128) + ".\r\n"
	wire := strings.Repeat(letter, 100)
	b.SetBytes(int64(len(wire)))
	br := bufio.NewReaderSize(nil, 64<<10)
	body := &body{}
	for b.Loop() {
		br.Reset(strings.NewReader(wire))
		for range 100 {
			body.reset(br)
			if err := body.drain(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
