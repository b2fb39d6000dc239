package dialer

import (
	"bufio"
	"errors"
	"io"
)

// ErrLineTooLong: the peer sent a line longer than any of its protocol.
var ErrLineTooLong = errors.New("line too long")

// ReadLine reads a line and returns it without its LF or CRLF, valid until the next read. The line must be there whole
// within the time limit. One of more than max octets is ErrLineTooLong; a connection that ends instead is
// io.ErrUnexpectedEOF. Both come within an *Error.
func (c *Conn) ReadLine(max int) ([]byte, error) {
	if !c.inReply {
		c.raw.startLine()
		defer c.raw.endLine()
	}
	line, err := c.br.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		line, err = c.longLine(line, max)
	}
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, c.error("read from", err)
	}
	line = trimEOL(line)
	if len(line) > max {
		return nil, c.error("read from", ErrLineTooLong)
	}
	return line, nil
}

// longLine goes on with a line that the buffer cannot hold.
func (c *Conn) longLine(begin []byte, max int) ([]byte, error) {
	c.line = append(c.line[:0], begin...)
	for len(c.line) <= max+len("\r\n") {
		more, err := c.br.ReadSlice('\n')
		c.line = append(c.line, more...)
		if err != bufio.ErrBufferFull {
			return c.line, err
		}
	}
	return nil, ErrLineTooLong
}

func trimEOL(line []byte) []byte {
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// StartReply starts the time of a whole reply: the lines read until EndReply share one time limit, which begins
// with the first wait for the peer. While this end still writes, a reply is not due. Called by the reader.
func (c *Conn) StartReply() {
	c.inReply = true
	c.raw.startLine()
}

// EndReply ends what StartReply began.
func (c *Conn) EndReply() {
	c.inReply = false
	c.raw.endLine()
}
