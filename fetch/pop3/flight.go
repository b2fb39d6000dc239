package pop3

import (
	"iter"
	"strings"
)

// flight sends a command for each of many letters, as many at a time as the window allows, and has each reply read in its
// turn.
type flight struct {
	c       *Client
	command func(*Letter) string
	octets  func(*Letter) int64 // what the reply will have, about
	last    string              // a command after all others; "" none
	next    func() (Letter, bool)
	stop    func()
	ended   bool     // next has no more
	queue   []Letter // under way
	under   int64    // octets under way
}

// launch begins a flight. The caller calls stop.
func (f *flight) launch(letters iter.Seq[Letter]) { f.next, f.stop = iter.Pull(letters) }

// fill sends what fits. Half a window is sent at a time, so that commands share packets.
func (f *flight) fill() error {
	window := f.c.cfg.Window
	if !f.c.Pipelines() {
		window = 1
	}
	if f.ended || len(f.queue) > window/2 {
		return nil
	}
	var lines []string
	for len(f.queue) < window && (len(f.queue) == 0 || f.under < windowOctets) {
		l, ok := f.next()
		if !ok {
			if f.ended = true; f.last != "" {
				lines = append(lines, f.last)
			}
			break
		}
		lines = append(lines, f.command(&l))
		f.queue = append(f.queue, l)
		f.under += f.octets(&l)
	}
	if len(lines) == 0 {
		return nil
	}
	return f.c.send(strings.Join(lines, "\r\n"))
}

// landed says that the reply to the oldest command was read whole.
func (f *flight) landed() {
	f.under -= f.octets(&f.queue[0])
	f.queue = f.queue[1:]
}

// none is the octets function of commands with short replies.
func none(*Letter) int64 { return 0 }
