package sendmail

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	memoryLimit = 1 << 20   // a larger letter goes to a file
	blockSize   = 128 << 10 // of reading a body
)

// LetterOptions is how a letter is read. The zero value is what senders want.
type LetterOptions struct {
	KeepBcc     bool   // Bcc and Resent-Bcc are sent too
	MemoryLimit int    // octets kept in memory, default 1 MiB; more go to a temporary file
	TempDir     string // for that file, default os.TempDir
}

// ReadLetter reads and scans a message up to the end of r. A regular *os.File larger than the memory limit is scanned
// from its offset and later sent in place: it must stay open, and if it changes in between, sending it fails and
// nothing is delivered. Other sources are kept in memory or, beyond the limit, in a temporary file that has no name.
// A read error is returned as it is: there is no letter then. A header over 1 MiB is a *LetterError.
func ReadLetter(r io.Reader, opts LetterOptions) (*Letter, error) {
	if opts.MemoryLimit <= 0 {
		opts.MemoryLimit = memoryLimit
	}
	l := new(Letter)
	if !opts.KeepBcc {
		l.Drop("Bcc", "Resent-Bcc")
	}
	start, size, regular := regularFile(r)
	if regular && size > int64(opts.MemoryLimit) {
		if err := l.scanFile(r.(*os.File), start); err != nil {
			return nil, err
		}
		return l, nil
	}
	buf, eof, err := readUpTo(r, opts.MemoryLimit, size)
	if err != nil {
		return nil, fmt.Errorf("read the letter: %w", err)
	}
	if !eof {
		if err := l.spool(buf, r, opts.TempDir); err != nil {
			l.Close()
			return nil, err
		}
		return l, nil
	}
	body := l.takeHeader(buf)
	l.body.scan(body)
	l.body.end()
	l.memory = body
	if !l.body.binary() && !l.body.canonical() {
		l.memory, _ = appendCRLF(make([]byte, 0, l.body.wire()), body, 0)
		if l.body.open {
			l.memory = append(l.memory, "\r\n"...)
		}
	}
	return l, nil
}

// regularFile says how much of a regular file is ahead, and from where. For other readers with a known length that is
// a hint.
func regularFile(r io.Reader) (start, size int64, regular bool) {
	if known, ok := r.(interface{ Len() int }); ok {
		return 0, int64(known.Len()), false
	}
	f, ok := r.(*os.File)
	if !ok {
		return 0, 0, false
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0, 0, false
	}
	start, err = f.Seek(0, io.SeekCurrent)
	return start, info.Size() - start, err == nil
}

// readUpTo reads to the end or a little over limit octets.
func readUpTo(r io.Reader, limit int, hint int64) (buf []byte, eof bool, err error) {
	buf = make([]byte, 0, max(min(int(hint)+512, limit+1), 4<<10))
	for {
		if len(buf) > limit {
			return buf, false, nil
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, true, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
}

// takeHeader takes the header off a whole message and returns its body.
func (l *Letter) takeHeader(b []byte) []byte {
	b = b[mboxLine(b):]
	n, _ := headerLength(b, true)
	l.setHeader(b[:n])
	if n == 0 {
		return b
	}
	blank := emptyLine(b[n:])
	l.blank = blank > 0
	return b[n+blank:]
}

// emptyLine is the length of the empty line that b begins with, 0 when there is none.
func emptyLine(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("\n")):
		return 1
	case bytes.HasPrefix(b, []byte("\r\n")):
		return 2
	}
	return 0
}

// mboxLine is the length of the line that an mbox puts before a message: not of the header (RFC 4155).
func mboxLine(b []byte) int {
	if !bytes.HasPrefix(b, []byte("From ")) {
		return 0
	}
	if n := bytes.IndexByte(b, '\n'); n >= 0 {
		return n + 1
	}
	return len(b)
}

// spool keeps a long letter in a temporary file: what was read of it, then the rest of r.
func (l *Letter) spool(start []byte, r io.Reader, dir string) error {
	f, err := os.CreateTemp(dir, "posta-letter-")
	if err != nil {
		return err
	}
	l.file, l.owned = f, true
	if os.Remove(f.Name()) != nil { // an open file cannot be removed on Windows
		l.temporary = f.Name()
	}
	if _, err := f.Write(start); err != nil {
		return fmt.Errorf("keep the letter: %w", err)
	}
	read := &readErrors{r: r}
	if _, err := io.CopyBuffer(f, read, make([]byte, blockSize)); read.err != nil {
		return fmt.Errorf("read the letter: %w", read.err)
	} else if err != nil {
		return fmt.Errorf("keep the letter: %w", err)
	}
	return l.scanFile(f, 0)
}

// readErrors remembers that it was the reading that failed. It hides that r may be a file, lest the kernel copies.
type readErrors struct {
	r   io.Reader
	err error
}

func (r *readErrors) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// scanFile scans a letter where it lies, from an offset to its end.
func (l *Letter) scanFile(f *os.File, start int64) error {
	l.file = f
	head, err := readHeader(f, start)
	if err != nil {
		return err
	}
	from := mboxLine(head)
	n, _ := headerLength(head[from:], true)
	l.setHeader(bytes.Clone(head[from : from+n]))
	l.offset = start + int64(from+n)
	if n > 0 {
		blank := emptyLine(head[from+n:])
		l.blank = blank > 0
		l.offset += int64(blank)
	}
	buf := make([]byte, blockSize)
	for at := l.offset; ; {
		n, err := f.ReadAt(buf, at)
		l.body.scan(buf[:n])
		if at += int64(n); err == io.EOF {
			l.body.end()
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the letter: %w", err)
		}
	}
}

// readHeader reads as much of a file as holds the header and the empty line after it.
func readHeader(f io.ReaderAt, start int64) ([]byte, error) {
	for size := 16 << 10; ; size *= 2 {
		buf := make([]byte, size)
		n, err := f.ReadAt(buf, start)
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("read the letter: %w", err)
		}
		buf = buf[:n]
		end, more := headerLength(buf[mboxLine(buf):], err == io.EOF)
		if end > maxHeader || more && size > maxHeader {
			return nil, &LetterError{"a header over 1 MiB"}
		}
		if !more && len(buf) >= mboxLine(buf)+end+2 || err == io.EOF {
			return buf, nil
		}
	}
}

// String names the letter in messages, by its Message-ID where it has one.
func (l *Letter) String() string {
	for _, f := range l.fields {
		if strings.EqualFold(f.name, "Message-ID") {
			_, id, _ := strings.Cut(string(l.head[f.start:f.end]), ":")
			return strings.TrimSpace(id)
		}
	}
	return "letter"
}
