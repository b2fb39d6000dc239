package sandbox

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// peer is a client's connection as faults see it, whatever the protocol.
type peer struct {
	sb       *Sandbox
	protocol string // as in Fault
	nc       net.Conn
	tls      *tls.ConnectionState // nil: plain text

	mu      sync.Mutex // of what follows
	out     *bufio.Writer
	drip    time.Duration // pause after each octet that goes out
	cut     int64         // octets that go out before the connection is closed; 0: no limit
	without []string      // capabilities that are not offered
}

func newPeer(sb *Sandbox, protocol string, nc net.Conn) *peer {
	p := &peer{sb: sb, protocol: protocol, nc: nc, out: bufio.NewWriter(nc)}
	if t, ok := nc.(*tls.Conn); ok {
		state := t.ConnectionState()
		p.tls = &state
	}
	return p
}

// Read reads from the client, and before it waits for that writes out the answers: so a flight of commands is answered
// by one write.
func (p *peer) Read(b []byte) (int, error) {
	if err := p.flush(); err != nil {
		return 0, err
	}
	return p.nc.Read(b)
}

func (p *peer) flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Flush()
}

// write sends to the client at the speed and up to the octet that are scripted.
func (p *peer) write(b []byte) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.cut > 0 && int64(len(b)) >= p.cut
	if last {
		b = b[:p.cut]
	} else if p.cut > 0 {
		p.cut -= int64(len(b))
	}
	if p.drip == 0 {
		_, err = p.out.Write(b)
	} else {
		err = p.writeDripping(b)
	}
	if last {
		p.out.Flush()
		p.nc.Close()
		return net.ErrClosed
	}
	return err
}

func (p *peer) writeDripping(b []byte) error {
	for i := range b {
		p.out.Write(b[i : i+1])
		if err := p.out.Flush(); err != nil {
			return err
		}
		if !p.sb.sleep(p.drip) {
			return net.ErrClosed
		}
	}
	return nil
}

// behave ends what a fault said of the last answer.
func (p *peer) behave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drip, p.cut = 0, 0
}

// misbehave does what is scripted for a stage but for the reply, which it returns. After an error the connection is
// over.
func (p *peer) misbehave(stage string, subjects ...string) (reply string, err error) {
	return p.suffer(p.sb.faults.strike(p.protocol, stage, subjects...))
}

// suffer does what a fault says, nothing for nil.
func (p *peer) suffer(fault *Fault) (reply string, err error) {
	if fault == nil {
		return "", nil
	}
	if fault.Delay > 0 {
		p.flush()
		if !p.sb.sleep(time.Duration(fault.Delay)) {
			return "", net.ErrClosed
		}
	}
	p.mu.Lock()
	p.drip, p.cut = time.Duration(fault.Drip), fault.CutAfter
	if fault.Without != nil {
		p.without = fault.Without
	}
	p.mu.Unlock()
	switch {
	case fault.Stall:
		p.flush()
		io.Copy(io.Discard, p.nc) // until the client gives up
		return "", net.ErrClosed
	case fault.Drop:
		p.flush()
		p.nc.Close()
		return "", net.ErrClosed
	}
	return fault.Reply, nil
}

// lacks says whether a capability is not to be offered.
func (p *peer) lacks(capability string) bool {
	same := func(k string) bool { return strings.EqualFold(k, capability) }
	return slices.ContainsFunc(p.sb.opt.Without, same) || slices.ContainsFunc(p.without, same)
}

func (p *peer) remoteIP() string {
	host, _, err := net.SplitHostPort(p.nc.RemoteAddr().String())
	if err != nil {
		return p.nc.RemoteAddr().String()
	}
	return host
}

// handshake puts the server's side of TLS on a connection.
func (s *Sandbox) handshake(protocol string, nc net.Conn) (net.Conn, error) {
	p := newPeer(s, protocol, nc)
	if _, err := p.misbehave("tls", p.remoteIP()); err != nil {
		return nil, err
	}
	conn := tls.Server(nc, s.ca.tlsConfig())
	return conn, conn.Handshake()
}
