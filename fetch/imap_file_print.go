package fetch

import (
	"bytes"
	"io"
	"os"
)

// filePrints makes fingerprints of files. The zero value serves.
type filePrints struct{ buf []byte }

// of are the fingerprints that a file's message may have on the server: as it is, and if its lines end in LF with CRLF. One that
// cannot be read, or is no file, has none.
func (p *filePrints) of(path string) []fingerprint {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	if p.buf == nil {
		p.buf = make([]byte, 32<<10)
	}
	n, err := io.ReadFull(file, p.buf)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil
	}
	var asIs, crlf headerPrint
	ends := lineEnds{}
	for !asIs.done && n > 0 {
		asIs.write(p.buf[:n])
		ends.write(p.buf[:n])
		n, _ = file.Read(p.buf)
	}
	prints := []fingerprint{asIs.of(info.Size(), 0)}
	if ends.unix {
		if size, ok := p.withCRLF(file, &crlf); ok {
			prints = append(prints, crlf.of(size, 0))
		}
	}
	return prints
}

// withCRLF reads all of a file as if its lines ended in CRLF.
func (p *filePrints) withCRLF(file *os.File, print *headerPrint) (size int64, ok bool) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, false
	}
	for {
		n, err := file.Read(p.buf)
		size += int64(n + bytes.Count(p.buf[:n], []byte{'\n'}))
		if !print.done {
			print.write(bytes.ReplaceAll(p.buf[:n], []byte{'\n'}, []byte("\r\n")))
		}
		if err == io.EOF {
			return size, true
		}
		if err != nil {
			return 0, false
		}
	}
}

// lineEnds looks how the first line ends.
type lineEnds struct {
	known, unix bool
	last        byte
}

func (e *lineEnds) write(p []byte) {
	if e.known {
		return
	}
	i := bytes.IndexByte(p, '\n')
	if i > 0 {
		e.last = p[i-1]
	}
	if e.known = i >= 0; e.known {
		e.unix = e.last != '\r'
	}
	e.last = p[len(p)-1]
}
