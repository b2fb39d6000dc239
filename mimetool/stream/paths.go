package stream

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"syscall"
)

const errLongName = malformed("a path that does not end: is the list NUL-ended?")

var (
	errPathLF = errors.New("a line end in the name: use NUL-ended paths")
	errNoPath = errors.New("a message without a file's name")
)

// readPaths gives the files that r names. A file is opened when it is first read from; the error is an *EntryError then.
func readPaths(r io.Reader, opt Options) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		p := &pathReader{}
		defer p.close()
		m := &Message{}
		i := 0
		for names, err := range Names(r, opt) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, name := range names {
				i++
				p.close()
				p.reset(m, name, i)
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}

// A Path is a message in a file, to be used for one file after the other. The zero value is ready.
type Path struct {
	Message
	r pathReader
}

// Reset makes p the message in the file of that name, which is opened when it is first read from, and closes the one
// before. With a name of "" there is none.
func (p *Path) Reset(name string, index int) {
	p.r.close()
	p.r.reset(&p.Message, name, index)
}

// reset makes m the message in a file that r reads.
func (p *pathReader) reset(m *Message, name string, index int) {
	*p = pathReader{name: name, index: index}
	*m = Message{Reader: p, Index: index, Name: name, Size: -1}
}

// Names gives the names in r, those at a time that one read of r gave: none waits for the next. Empty ones are left out.
func Names(r io.Reader, opt Options) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		n := &nameReader{r: r, end: '\n', limit: opt.lineMax(), buf: make([]byte, 64<<10)}
		if opt.NUL {
			n.end = 0
		}
		for {
			names, err := n.read()
			if len(names) > 0 && !yield(names, nil) {
				return
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// nameReader cuts what it reads into names.
type nameReader struct {
	r      io.Reader
	end    byte
	limit  int
	buf    []byte
	lo, hi int // what is read and not yet cut
}

// read reads once and gives the names that are whole then. At the end of r the last needs no end of its own.
func (n *nameReader) read() ([]string, error) {
	if n.lo > 0 {
		n.lo, n.hi = 0, copy(n.buf, n.buf[n.lo:n.hi])
	}
	if n.hi == len(n.buf) {
		if n.hi >= n.limit {
			return nil, errLongName
		}
		n.buf = append(n.buf, make([]byte, len(n.buf))...)
	}
	k, err := n.r.Read(n.buf[n.hi:])
	n.hi += k
	var names []string
	for {
		i := bytes.IndexByte(n.buf[n.lo:n.hi], n.end)
		if i < 0 {
			break
		}
		names = n.add(names, n.buf[n.lo:n.lo+i])
		n.lo += i + 1
	}
	if err == io.EOF {
		names = n.add(names, n.buf[n.lo:n.hi])
	}
	return names, err
}

func (n *nameReader) add(names []string, name []byte) []string {
	if n.end == '\n' {
		name = bytes.TrimSuffix(name, []byte("\r"))
	}
	if len(name) == 0 {
		return names
	}
	return append(names, string(name))
}

// pathReader reads a file, which it opens when it must.
type pathReader struct {
	name   string
	index  int
	f      pathFile
	opened bool
	file   *os.File // f, once it was asked for
	err    error
}

func (p *pathReader) Read(b []byte) (int, error) {
	if err := p.open(); err != nil {
		return 0, err
	}
	var n int
	var err error
	if p.file != nil {
		n, err = p.file.Read(b)
	} else {
		n, err = p.f.read(b)
	}
	if errors.Is(err, syscall.EISDIR) {
		err = p.entryError(openError{err})
	} else if err != nil && err != io.EOF {
		err = p.entryError(err)
	}
	return n, err
}

// open opens the file where it is not yet.
func (p *pathReader) open() error {
	if p.opened || p.err != nil {
		return p.err
	}
	f, err := openPath(p.name)
	if err != nil {
		p.err = p.entryError(openError{err})
		return p.err
	}
	p.f, p.opened = f, true
	return nil
}

// osFile is the file; nil where it cannot be opened.
func (p *pathReader) osFile() *os.File {
	if p.open() != nil {
		return nil
	}
	if p.file == nil {
		p.file = p.f.file(p.name)
	}
	return p.file
}

// entryError is err without the name, which an EntryError says itself.
func (p *pathReader) entryError(err error) error {
	var pe *fs.PathError
	_, open := err.(openError)
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if open {
		err = openError{err}
	}
	return &EntryError{Index: p.index, Name: p.name, Err: err}
}

// close closes the file, of which nothing was written that an error could be about.
func (p *pathReader) close() {
	switch {
	case p.file != nil:
		p.file.Close()
	case p.opened:
		p.f.close()
	}
	*p = pathReader{}
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
