package store

import (
	"bytes"
	"io"
)

// copyMessage copies all of r to w through buf. An error of writing is a *WriteError, one of reading is as it came.
func copyMessage(w io.Writer, r io.Reader, lf bool, buf []byte) (int64, error) {
	out := &checked{w: w}
	var to io.Writer = out
	var lines *unixLines
	if lf {
		lines = &unixLines{w: out}
		to = lines
	}
	if m, ok := r.(*Message); ok {
		r = m.Reader
	}
	_, err := io.CopyBuffer(to, r, buf)
	if err == nil && lines != nil {
		err = lines.end()
	}
	if out.err != nil {
		err = &WriteError{out.err}
	}
	return out.n, err
}

// checked counts, and remembers the error of writing.
type checked struct {
	w   io.Writer
	n   int64
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}

// unixLines makes LF of CRLF.
type unixLines struct {
	w   io.Writer
	cr  bool // the last octet was a CR, which is not written yet
	out []byte
}

func (u *unixLines) Write(p []byte) (int, error) {
	n := len(p)
	u.out = u.out[:0]
	for len(p) > 0 {
		if u.cr {
			if p[0] != '\n' {
				u.out = append(u.out, '\r')
			}
			u.cr = false
		}
		i := bytes.IndexByte(p, '\r')
		if i < 0 {
			u.out = append(u.out, p...)
			break
		}
		u.out = append(u.out, p[:i]...)
		u.cr = true
		p = p[i+1:]
	}
	if _, err := u.w.Write(u.out); err != nil {
		return 0, err
	}
	return n, nil
}

// end writes what is held.
func (u *unixLines) end() error {
	if !u.cr {
		return nil
	}
	u.cr = false
	_, err := u.w.Write([]byte{'\r'})
	return err
}
