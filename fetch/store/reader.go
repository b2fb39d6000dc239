package store

import "io"

// sourceReader remembers the error of the message's reader, so that it can be told from one of writing.
type sourceReader struct {
	r   io.Reader
	err error
}

func (s *sourceReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// lineReader reads with LF in place of CRLF.
type lineReader struct {
	r    io.Reader
	in   []byte
	out  []byte // to be given
	conv unixLines
	hold sliceWriter
	err  error
}

func newLineReader(r io.Reader, buf []byte) *lineReader {
	l := &lineReader{r: r, in: buf}
	l.conv.w = &l.hold
	return l
}

func (l *lineReader) Read(p []byte) (int, error) {
	for len(l.out) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		l.hold.b = l.hold.b[:0]
		n, err := l.r.Read(l.in)
		l.conv.Write(l.in[:n])
		if l.err = err; err == io.EOF {
			l.conv.end()
		}
		l.out = l.hold.b
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

// sliceWriter is written to memory.
type sliceWriter struct{ b []byte }

func (s *sliceWriter) Write(p []byte) (int, error) {
	s.b = append(s.b, p...)
	return len(p), nil
}
