package imap

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// repeated is a stream of n times the same octets, then of an end.
type repeated struct {
	chunk, end, rest []byte
	n                int
}

func (r *repeated) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		switch {
		case r.n > 0:
			r.rest = r.chunk
		case r.n == 0:
			r.rest = r.end
		default:
			return 0, io.EOF
		}
		r.n--
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// BenchmarkFetch reads recorded FETCH responses of 10 KiB messages. (Issue: at least 1 GB/s.)
func BenchmarkFetch(b *testing.B) {
	var recorded bytes.Buffer
	const each = 100
	for i := range each {
		fmt.Fprintf(&recorded, "* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" BODY[] {10240}\r\n%s)\r\n", i+1, i+1, bytes.Repeat([]byte("x"), 10240))
	}
	b.SetBytes(int64(recorded.Len() / each))
	f := overMemory(&repeated{chunk: recorded.Bytes(), n: b.N/each + 1, end: []byte("p2 OK\r\n")})
	f.c.exists = 1 << 31
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for m, err := range f.Messages() {
		if err != nil {
			b.Fatal(err)
		}
		for {
			l, err := m.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			l.WriteTo(io.Discard)
		}
		n++
	}
	if n < b.N {
		b.Fatalf("%d messages of %d", n, b.N)
	}
}

// BenchmarkSearch reads SEARCH responses of 10,000 numbers.
func BenchmarkSearch(b *testing.B) {
	var line bytes.Buffer
	line.WriteString("* SEARCH")
	for i := range 10_000 {
		fmt.Fprintf(&line, " %d", 2*i+1)
	}
	line.WriteString("\r\np2 OK\r\n")
	b.SetBytes(int64(line.Len()))
	for b.Loop() {
		c := overMemory(bytes.NewReader(line.Bytes())).c
		c.flight, c.tags = nil, 1
		if found, err := c.Search(Raw("ALL"), SearchOptions{}).Wait(); err != nil || len(found.All.(goimap.UIDSet)) != 10_000 {
			b.Fatal(err)
		}
	}
}

// BenchmarkEnvelope reads recorded FETCH responses with ENVELOPE, as for a list of messages.
func BenchmarkEnvelope(b *testing.B) {
	var recorded bytes.Buffer
	const each = 100
	for i := range each {
		ann, bob := fmt.Sprintf(`(("Ann %d" NIL "a%d" "example.org"))`, i, i), `((NIL NIL "bob" "example.net"))`
		fmt.Fprintf(&recorded, "* %d FETCH (UID %d FLAGS (\\Seen) RFC822.SIZE 4096 ENVELOPE (\"Mon, 1 Jan 2024 10:00:00 +0000\" \"letter %d\" %s %s %s %s NIL NIL NIL \"<%d@example.org>\"))\r\n",
			i+1, i+1, i, ann, ann, ann, bob, i)
	}
	b.SetBytes(int64(recorded.Len() / each))
	f := overMemory(&repeated{chunk: recorded.Bytes(), n: b.N/each + 1, end: []byte("p2 OK\r\n")})
	f.c.exists = 1 << 31
	b.ReportAllocs()
	b.ResetTimer()
	for m, err := range f.Messages() {
		if err == nil {
			err = m.finish()
		}
		if err != nil || m.Envelope == nil {
			b.Fatal(err)
		}
	}
}
