package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
)

// fingerprint is a checksum of a message's header and size: 72 bits.
type fingerprint [9]byte

// printLength is the length of its text.
const printLength = 12

func (p fingerprint) text() string { return base64.RawURLEncoding.EncodeToString(p[:]) }

func parseFingerprint(s string) (p fingerprint, ok bool) {
	if len(s) != printLength {
		return p, false
	}
	_, err := base64.RawURLEncoding.Decode(p[:], []byte(s))
	return p, err == nil
}

// maxPrinted is how much of a header counts.
const maxPrinted = 64 << 10

// headerPrint makes the fingerprint of a message of what goes by.
type headerPrint struct {
	buf  []byte // the header so far
	done bool
}

func (h *headerPrint) write(p []byte) {
	if h.done {
		return
	}
	old := max(0, len(h.buf)-3)
	h.buf = append(h.buf, p[:min(len(p), maxPrinted-len(h.buf))]...)
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(h.buf[old:], []byte(end)); i >= 0 {
			h.buf, h.done = h.buf[:old+i], true
		}
	}
	if len(h.buf) == maxPrinted {
		h.done = true
	}
}

// of is the fingerprint: of the size that the server announces, or else of the content, and the header without the line ends
// behind it.
func (h *headerPrint) of(announced, size int64) (p fingerprint) {
	if announced == 0 {
		announced = size
	}
	sum := sha256.New()
	sum.Write(append(strconv.AppendInt(nil, announced, 10), '\n'))
	sum.Write(bytes.TrimRight(h.buf, "\r\n"))
	copy(p[:], sum.Sum(nil))
	return p
}
