package pop3

import (
	"bytes"
	"io"
	"strings"
)

// maxListLine bounds a line of a listing. RFC 2449 §4 says 512.
const maxListLine = 1024

// multiline sends a command and gives the lines of its reply.
func (c *Client) multiline(command string, each func(line string) error) error {
	if err := c.send(command); err != nil {
		return err
	}
	return c.readLines(command, each)
}

// readLines reads a reply of many lines.
func (c *Client) readLines(command string, each func(line string) error) error {
	if _, err := c.reply(command); err != nil {
		return err
	}
	b := &body{}
	b.reset(c.conn)
	err := lines(b, func(line string) error {
		c.conn.Log.Received([]byte(line))
		return each(line)
	})
	if err != nil {
		return c.fail(command, err)
	}
	return nil
}

// lines cuts a body into lines without their ends.
func lines(b *body, each func(line string) error) error {
	var begun []byte
	for {
		p, err := b.next()
		if err == io.EOF {
			if len(begun) > 0 {
				return each(string(begun))
			}
			return nil
		}
		if err != nil {
			return err
		}
		for len(p) > 0 {
			i := bytes.IndexByte(p, '\n')
			if i < 0 {
				i = len(p) - 1
			}
			begun, p = append(begun, p[:i+1]...), p[i+1:]
			if len(begun) > maxListLine {
				return unexpected("a line of a listing has no end")
			}
			if begun[len(begun)-1] != '\n' {
				continue
			}
			if err := each(strings.TrimRight(string(begun), "\r\n")); err != nil {
				return err
			}
			begun = begun[:0]
		}
	}
}
