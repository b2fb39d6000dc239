package sandbox

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// rawClient speaks octets.
type rawClient struct {
	t  *testing.T
	nc net.Conn
	r  *bufio.Reader
}

func dialRaw(t *testing.T, addr string) *rawClient {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	return &rawClient{t, nc, bufio.NewReader(nc)}
}

func (c *rawClient) write(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.nc, s); err != nil {
		c.t.Fatal(err)
	}
}

// want reads one line, which must begin with prefix.
func (c *rawClient) want(prefix string) string {
	c.t.Helper()
	line, err := c.r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, prefix) {
		c.t.Fatalf("read %q, %v; want %q…", line, err, prefix)
	}
	return line
}

// until reads lines until one begins with prefix, and returns all of them.
func (c *rawClient) until(prefix string) string {
	c.t.Helper()
	var all strings.Builder
	for {
		line, err := c.r.ReadString('\n')
		all.WriteString(line)
		if err != nil {
			c.t.Fatalf("read %q, %v; want %q…", all.String(), err, prefix)
		}
		if strings.HasPrefix(line, prefix) {
			return all.String()
		}
	}
}

// say writes a line and reads up to a line that begins with prefix.
func (c *rawClient) say(line, prefix string) string {
	c.t.Helper()
	c.write(line + "\r\n")
	return c.until(prefix)
}

// end reads to the end of the connection.
func (c *rawClient) end() string {
	c.t.Helper()
	rest, err := io.ReadAll(c.r)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		c.t.Fatal(err)
	}
	return string(rest)
}

// halfClose ends the writing side, and returns what still comes.
func (c *rawClient) halfClose() string {
	c.t.Helper()
	if err := c.nc.(*net.TCPConn).CloseWrite(); err != nil {
		c.t.Fatal(err)
	}
	return c.end()
}

// hangUp ends the connection.
func (c *rawClient) hangUp() {
	c.t.Helper()
	c.halfClose()
	c.nc.Close()
}
