package sendmail

import (
	"context"
	"errors"

	"posta/internal/dialer"
)

// put puts a line into what is written next.
func (p *pipeline) put(line string) {
	p.out = append(append(p.out, line...), "\r\n"...)
	p.queued += int64(len(line) + 2)
}

// say writes a command into the transcript.
func (p *pipeline) say(line string) {
	if log := p.c.conn.Log; log != nil {
		log.Sent([]byte(line))
	}
}

// command puts a command whose reply is expected.
func (p *pipeline) command(line string, e expectation) {
	p.say(line)
	p.expect(e)
	if p.put(line); len(p.out) >= flight {
		p.flush()
	}
}

// expect tells the reader which reply comes next.
func (p *pipeline) expect(e expectation) {
	p.mu.Lock()
	if p.expected.none() {
		p.reader.Signal()
	}
	p.expected.put(e)
	p.due++
	p.mu.Unlock()
}

// flush writes what was put, by one call.
func (p *pipeline) flush() bool {
	if len(p.out) == 0 {
		return p.alive()
	}
	p.mu.Lock()
	dead := p.dead
	p.inWrite = dead == nil
	p.mu.Unlock()
	if dead != nil {
		p.out = p.out[:0]
		return false
	}
	n, err := p.c.conn.Write(p.out)
	p.out = p.out[:0]
	p.mu.Lock()
	p.inWrite = false
	p.written += int64(n)
	if p.dead != nil {
		p.reader.Broadcast() // lost waits for this write
	}
	p.mu.Unlock()
	if err != nil {
		p.writeFailed(err)
	}
	return err == nil
}

// writeFailed: the server may have said why before it closed the connection, so the replies are read to the end.
func (p *pipeline) writeFailed(err error) {
	var transport *dialer.Error
	timeout := errors.As(err, &transport) && transport.Kind == dialer.Timeout
	if !timeout && !errors.Is(err, context.Canceled) {
		p.mu.Lock()
		for p.got < p.due && p.dead == nil {
			p.writer.Wait()
		}
		p.mu.Unlock()
	}
	p.lost(err)
}

// sync writes what was put and waits until all replies are there. It returns false when the connection is lost.
func (p *pipeline) sync() bool {
	if !p.flush() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.got < p.due && p.dead == nil {
		p.writer.Wait()
	}
	return p.dead == nil
}

func (p *pipeline) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead == nil
}
