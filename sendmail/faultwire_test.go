package sendmail_test

import (
	"io"
	"net"
	"strings"
	"sync"
)

// record is what the clients told the server.
type record struct {
	mu        sync.Mutex
	commands  []string
	secrets   []string // the lines of AUTH that are not to be seen
	delivered []delivered
	octets    int // written, of all kinds
	received  int // read
}

// delivered is a letter that came to its final dot or the last octet of its LAST chunk.
type delivered struct {
	from string
	to   []string
	data string
}

// cutConn counts what passes, and ends where the script says.
type cutConn struct {
	*net.TCPConn
	f       *faultServer
	written int
	read    int
	over    bool
}

func (c *cutConn) Write(p []byte) (int, error) {
	whole := len(p)
	if c.over {
		return whole, nil
	}
	left := c.f.cut.written - c.written
	if c.f.cut.written > 0 && len(p) >= left {
		p = p[:left]
	}
	n, err := c.TCPConn.Write(p)
	c.written += n
	c.f.count(n, 0)
	if c.f.cut.written > 0 && c.written == c.f.cut.written {
		c.end()
		return whole, nil
	}
	return n, err
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.f.cut.read > 0 {
		p = p[:min(len(p), c.f.cut.read-c.read)]
		if len(p) == 0 {
			c.SetLinger(0)
			c.Close()
			return 0, io.EOF
		}
	}
	n, err := c.TCPConn.Read(p)
	c.read += n
	c.f.count(0, n)
	return n, err
}

// end ends the connection: what the server says from now on is lost.
func (c *cutConn) end() {
	c.over = true
	if c.f.cut.reset {
		c.SetLinger(0)
		c.Close()
		return
	}
	c.CloseWrite()
}

func (r *record) count(written, read int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.octets += written
	r.received += read
}

// saw says whether a client gave a command that begins so.
func (r *record) saw(prefix string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.commands {
		if strings.HasPrefix(strings.ToUpper(c), prefix) {
			return true
		}
	}
	return false
}
