package sendmail

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ErrLetterChanged is found (errors.Is) when a letter's file is no longer what was scanned. Nothing is delivered then.
var ErrLetterChanged = errors.New("the letter's file changed while it was being sent")

// writing is one pass of a letter to the wire, block by block.
type writing struct {
	l     *Letter
	stuff bool
	state int    // what comes next: header, body
	prev  byte   // the last octet out
	raw   []byte // block of a file
	end   byte   // the last octet of the block before it
	at    int64  // how much of the body is out
	sum   uint32 // of that much of the file
}

const (
	writeHeader = iota
	writeBody
)

// open begins a pass. With stuff, dots at line starts are doubled.
func (l *Letter) open(stuff bool) *writing { return &writing{l: l, stuff: stuff, prev: '\n'} }

// next appends the next block to dst, twice blockSize at most. last is true with the last one, and only when all that
// was read is what was scanned: until then the end of the letter has not been given out.
func (w *writing) next(dst []byte) (out []byte, last bool, err error) {
	from := len(dst)
	switch w.state {
	case writeHeader:
		dst = append(dst, w.l.header()...)
		w.state = writeBody
		if small := w.l.file == nil && len(w.l.memory) <= blockSize; small || w.l.body.raw == 0 {
			dst, last = append(dst, w.l.memory...), true
		}
	case writeBody:
		if w.l.file == nil {
			dst, last = w.fromMemory(dst)
		} else if dst, last, err = w.fromFile(dst); err != nil {
			return nil, false, err
		}
	}
	if w.stuff {
		dst = stuff(dst, from, w.prev)
	}
	if len(dst) > from {
		w.prev = dst[len(dst)-1]
	}
	return dst, last, nil
}

func (w *writing) fromMemory(dst []byte) (out []byte, last bool) {
	rest := w.l.memory[w.at:]
	if len(rest) <= blockSize {
		return append(dst, rest...), true
	}
	w.at += blockSize
	return append(dst, rest[:blockSize]...), false
}

// fromFile reads a block where the letter lies. The last one is told by the size found in the scan, not by the file's
// end, which may have moved.
func (w *writing) fromFile(dst []byte) (out []byte, last bool, err error) {
	l := w.l
	if w.raw == nil {
		w.raw = make([]byte, blockSize)
	}
	block := w.raw[:min(int64(len(w.raw)), l.body.raw-w.at)]
	n, err := l.file.ReadAt(block, l.offset+w.at)
	switch {
	case n == len(block):
	case err == io.EOF:
		return nil, false, fmt.Errorf("%w: it is shorter", ErrLetterChanged)
	default:
		return nil, false, fmt.Errorf("read the letter: %w", err)
	}
	w.at += int64(n)
	last = w.at == l.body.raw
	w.sum = crc32.Update(w.sum, castagnoli(), block)
	if last {
		if w.sum != l.body.sum {
			return nil, false, ErrLetterChanged
		}
		if more, _ := l.file.ReadAt(make([]byte, 1), l.offset+w.at); more > 0 {
			return nil, false, fmt.Errorf("%w: it is longer", ErrLetterChanged)
		}
	}
	if l.body.binary() || l.body.bareLF == 0 {
		dst = append(dst, block...)
	} else {
		dst, w.end = appendCRLF(dst, block, w.end)
	}
	if last && l.body.open && !l.body.binary() {
		dst = append(dst, "\r\n"...)
	}
	return dst, last, nil
}
