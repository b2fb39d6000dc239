package pop3

import "strings"

// flight sends many commands, as many at a time as the window allows, and has each reply read in its turn.
type flight struct {
	c       *Client
	n       int                // commands
	command func(i int) string // the i-th
	octets  func(i int) int64  // what the reply to it will have, about
	sent    int
	done    int
	under   int64 // octets under way
}

// fill sends what fits. Half a window is sent at a time, so that commands share packets.
func (f *flight) fill() error {
	window := f.c.cfg.Window
	if !f.c.Pipelines() {
		window = 1
	}
	if f.sent-f.done > window/2 {
		return nil
	}
	var b strings.Builder
	for f.sent < f.n && f.sent-f.done < window && (f.sent == f.done || f.under < windowOctets) {
		if b.Len() > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(f.command(f.sent))
		f.under += f.octets(f.sent)
		f.sent++
	}
	if b.Len() == 0 {
		return nil
	}
	return f.c.send(b.String())
}

// landed says that the reply to the next command was read whole.
func (f *flight) landed() {
	f.under -= f.octets(f.done)
	f.done++
}

// none is the octets function of commands with short replies.
func none(int) int64 { return 0 }
