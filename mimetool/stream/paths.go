package stream

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
)

var (
	errNotFile = errors.New("not a regular file")
	errPathLF  = errors.New("a line end in the name: use NUL-ended paths")
	errNoPath  = errors.New("a message without a file's name")
)

// readPaths opens the files that r names. A file is opened when it is first read from.
func readPaths(r io.Reader, opt Options) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		p := &pathReader{}
		defer p.close()
		m := &Message{}
		for i, err := range pathNames(r, opt) {
			if err != nil {
				yield(nil, err)
				return
			}
			p.close()
			*p = pathReader{name: i.name, index: i.index}
			*m = Message{Reader: p, Index: i.index, Name: i.name, Size: -1}
			if !yield(m, nil) {
				return
			}
		}
	}
}

type pathName struct {
	name  string
	index int
}

// pathNames gives the names in r, empty ones left out.
func pathNames(r io.Reader, opt Options) iter.Seq2[pathName, error] {
	end := byte('\n')
	if opt.NUL {
		end = 0
	}
	return func(yield func(pathName, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		for i := 1; ; {
			name, err := readUntil(in, end, opt.lineMax())
			if !opt.NUL {
				name = strings.TrimSuffix(name, "\r")
			}
			if name != "" && (err == nil || err == io.EOF) {
				if !yield(pathName{name, i}, nil) {
					return
				}
				i++
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(pathName{}, err)
				return
			}
		}
	}
}

// readUntil reads up to end, which is not part of what it gives, and at most limit octets.
func readUntil(in *bufio.Reader, end byte, limit int) (string, error) {
	var long []byte
	for {
		b, err := in.ReadSlice(end)
		b = bytes.TrimSuffix(b, []byte{end})
		if err != bufio.ErrBufferFull && long == nil {
			return string(b), err
		}
		long = append(long, b...)
		if len(long) > limit {
			return "", fmt.Errorf("a name of more than %d octets", limit)
		}
		if err != bufio.ErrBufferFull {
			return string(long), err
		}
	}
}

// pathReader reads a file, which it opens when it must.
type pathReader struct {
	name  string
	index int
	f     *os.File
	err   error
}

func (p *pathReader) Read(b []byte) (int, error) {
	if f := p.open(); f != nil {
		return f.Read(b)
	}
	return 0, p.err
}

// open opens the file where it is not yet; nil when it cannot.
func (p *pathReader) open() *os.File {
	if p.f != nil || p.err != nil {
		return p.f
	}
	f, err := os.Open(p.name)
	if err == nil {
		var info fs.FileInfo
		if info, err = f.Stat(); err == nil && info.IsDir() {
			err = errNotFile
		}
		if err != nil {
			f.Close()
		}
	}
	if err != nil {
		p.err = p.entryError(err)
		return nil
	}
	p.f = f
	return f
}

// entryError is err without the name, which an EntryError says itself.
func (p *pathReader) entryError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &EntryError{Index: p.index, Name: p.name, Err: err}
}

func (p *pathReader) close() {
	if p.f != nil {
		p.f.Close()
		p.f = nil
	}
}

// pathWriter writes the names of files.
type pathWriter struct {
	w   io.Writer
	opt Options
}

func newPathWriter(w io.Writer, opt Options) *pathWriter { return &pathWriter{w, opt} }

func (w *pathWriter) WriteMessage(m *Message) error {
	end := "\n"
	switch {
	case m.Name == "":
		return &EntryError{Index: m.Index, Err: errNoPath}
	case w.opt.NUL:
		end = "\x00"
	case strings.Contains(m.Name, "\n"):
		return &EntryError{Index: m.Index, Name: m.Name, Err: errPathLF}
	}
	_, err := io.WriteString(w.w, m.Name+end)
	return err
}

func (w *pathWriter) Close() error { return nil }
