package imap

import (
	"bytes"
	"io"
)

// maxTranscribed is how much of a line is kept for the transcript, which shows less.
const maxTranscribed = 4 << 10

// transcribed writes the lines that are read to the transcript. Of literals it shows the size.
type transcribed struct {
	in      io.Reader
	log     interface{ Received(line []byte) }
	line    []byte
	literal int64 // octets to pass by
}

func (t *transcribed) Read(p []byte) (int, error) {
	n, err := t.in.Read(p)
	for rest := p[:n]; len(rest) > 0; {
		if t.literal > 0 {
			k := min(t.literal, int64(len(rest)))
			t.literal -= k
			rest = rest[k:]
			continue
		}
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			t.keep(rest)
			break
		}
		t.keep(rest[:i+1])
		rest = rest[i+1:]
		t.show()
	}
	return n, err
}

// keep keeps the begin and the end of a line.
func (t *transcribed) keep(part []byte) {
	if room := maxTranscribed - len(t.line); len(part) > room {
		const tail = 64
		t.line = append(t.line, part[:max(0, room-tail)]...)
		part = part[max(0, len(part)-tail):]
		t.line = t.line[:min(len(t.line), maxTranscribed-tail)]
	}
	t.line = append(t.line, part...)
}

func (t *transcribed) show() {
	line := bytes.TrimRight(t.line, "\r\n")
	t.log.Received(line)
	size, literal, err := new(reader).announced(line)
	if literal && err == nil {
		t.literal = size
	}
	t.line = t.line[:0]
}
