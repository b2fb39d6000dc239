package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// transaction answers the commands of the TRANSACTION state (RFC 1939 §5).
func (p *pop3) transaction(verb, arg string) error {
	switch verb {
	case "STAT":
		n, size := 0, int64(0)
		for i, e := range p.entries {
			if !p.deleted[i] {
				n, size = n+1, size+e.size
			}
		}
		return p.line(fmt.Sprintf("+OK %d %d", n, size))
	case "LIST":
		return p.listing(arg, func(e *entry) string { return strconv.FormatInt(e.size, 10) })
	case "UIDL":
		validity := p.account.inbox().validity
		return p.listing(arg, func(e *entry) string { return fmt.Sprintf("%08x.%d", validity, e.uid) })
	case "RETR":
		return p.retr(arg, -1)
	case "TOP":
		number, lines, _ := strings.Cut(arg, " ")
		n, err := strconv.Atoi(lines)
		if err != nil || n < 0 {
			return p.line("-ERR needs a number of lines")
		}
		return p.retr(number, n)
	case "DELE":
		i, ok := p.number(arg)
		if !ok {
			return p.line("-ERR no such letter")
		}
		p.deleted[i] = true
		return p.line("+OK")
	case "RSET":
		clear(p.deleted)
		return p.line("+OK")
	}
	return p.line("-ERR unknown command")
}

// number is the index of a letter that is there and not marked as deleted.
func (p *pop3) number(arg string) (int, bool) {
	n, err := strconv.Atoi(arg)
	return n - 1, err == nil && n >= 1 && n <= len(p.entries) && !p.deleted[n-1]
}

// listing is LIST or UIDL, of all letters or one.
func (p *pop3) listing(arg string, value func(*entry) string) error {
	if arg != "" {
		i, ok := p.number(arg)
		if !ok {
			return p.line("-ERR no such letter")
		}
		return p.line(fmt.Sprintf("+OK %d %s", i+1, value(p.entries[i])))
	}
	if err := p.line("+OK"); err != nil {
		return err
	}
	for i, e := range p.entries {
		if !p.deleted[i] {
			if err := p.line(fmt.Sprintf("%d %s", i+1, value(e))); err != nil {
				return err
			}
		}
	}
	return p.line(".")
}

// retr sends a letter: its header and that many lines of the body, all for -1. What comes is what was caught, octet
// for octet, but that a last line without CRLF gets one.
func (p *pop3) retr(arg string, lines int) error {
	i, ok := p.number(arg)
	if !ok {
		return p.line("-ERR no such letter")
	}
	r, err := p.entries[i].open()
	if err != nil {
		return p.line("-ERR [SYS/TEMP] " + err.Error())
	}
	defer r.Close()
	if err := p.line(fmt.Sprintf("+OK %d octets", p.entries[i].size)); err != nil {
		return err
	}
	return p.sendStuffed(bufio.NewReaderSize(r, 64<<10), lines)
}

func (p *pop3) sendStuffed(r *bufio.Reader, lines int) error {
	atStart, afterCR, inBody := true, false, false
	for {
		line, err := r.ReadSlice('\n') // a line, or as much of it as the buffer holds
		if atStart && len(line) > 0 && line[0] == '.' {
			if err := p.write([]byte(".")); err != nil {
				return err
			}
		}
		if err := p.write(line); err != nil {
			return err
		}
		if len(line) > 0 {
			whole := bytes.HasSuffix(line, []byte("\r\n")) || afterCR && string(line) == "\n"
			if inBody && whole {
				lines--
			}
			inBody = inBody || atStart && string(line) == "\r\n"
			atStart, afterCR = whole, bytes.HasSuffix(line, []byte("\r"))
		}
		switch {
		case errors.Is(err, io.EOF) && !atStart:
			return p.line("\r\n.")
		case errors.Is(err, io.EOF), inBody && lines == 0 && atStart:
			return p.line(".")
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}
