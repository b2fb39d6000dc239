package dialer

import (
	"crypto/tls"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// proxy is a SOCKS5 server. It sends all that is asked for to one place, and tells the address asked for.
type proxy struct {
	user, password string // "": no login
	method         byte   // that it picks when it wants no login
	reply          string // to CONNECT; "": success
	to             net.Addr
	asked          chan string
}

func (p *proxy) serve(c net.Conn) {
	if !p.login(c) {
		return
	}
	p.asked <- p.request(c)
	reply := p.reply
	if reply == "" {
		reply = "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x19"
	}
	io.WriteString(c, reply)
	if p.to == nil {
		hang(c)
		return
	}
	out, err := net.Dial("tcp", p.to.String())
	if err != nil {
		return
	}
	defer out.Close()
	go func() {
		io.Copy(out, c)
		out.Close()
	}()
	io.Copy(c, out)
}

// login is RFC 1928 §3 and RFC 1929.
func (p *proxy) login(c net.Conn) bool {
	methods := p.take(c, int(p.take(c, 2)[1]))
	if p.user == "" {
		c.Write([]byte{5, p.method})
		return p.method == 0
	}
	if !strings.Contains(methods, "\x02") {
		c.Write([]byte{5, 0xff})
		return false
	}
	c.Write([]byte{5, 2})
	user := p.take(c, int(p.take(c, 2)[1]))
	password := p.take(c, int(p.take(c, 1)[0]))
	if user != p.user || password != p.password {
		c.Write([]byte{1, 1})
		return false
	}
	c.Write([]byte{1, 0})
	return true
}

// request is RFC 1928 §4: it returns the kind of address, and the address.
func (p *proxy) request(c net.Conn) string {
	var host string
	kind := p.take(c, 4)[3]
	switch kind {
	case 1:
		host = net.IP(p.take(c, 4)).String()
	case 3:
		host = p.take(c, int(p.take(c, 1)[0]))
	case 4:
		host = net.IP(p.take(c, 16)).String()
	}
	port := p.take(c, 2)
	return strconv.Itoa(int(kind)) + " " + net.JoinHostPort(host, strconv.Itoa(int(port[0])<<8|int(port[1])))
}

// take reads n octets. What the client did not send is zero.
func (p *proxy) take(c net.Conn, n int) string {
	b := make([]byte, n)
	io.ReadFull(c, b)
	return string(b)
}

func (p *proxy) start(t *testing.T) *url.URL {
	t.Helper()
	p.asked = make(chan string, 100)
	return &url.URL{Scheme: "socks5", Host: serve(t, "tcp", "127.0.0.1:0", p.serve).String()}
}

// Names go to the proxy as they are; what comes right behind its reply is the server's.
func TestSocks5(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "mail.example.org", "xn--bcher-kva.example", "192.0.2.1", "2001:db8::1")}}
	target := serve(t, "tcp", "127.0.0.1:0", overTLS(config, echo))
	for _, c := range []struct{ address, asked string }{
		{"mail.example.org:465", "3 mail.example.org:465"},
		{"bücher.example:465", "3 xn--bcher-kva.example:465"},
		{"192.0.2.1:465", "1 192.0.2.1:465"},
		{"[2001:db8::1]:465", "4 [2001:db8::1]:465"},
	} {
		for _, user := range []string{"", "joe"} {
			p := &proxy{user: user, password: "hunter2", to: target}
			u := p.start(t)
			u.User = url.UserPassword("joe", "hunter2")
			conn := dial(t, Config{Address: c.address, Security: TLS, RootCAs: ca.pool, Proxy: u})
			greets(t, conn)
			if asked := <-p.asked; asked != c.asked {
				t.Errorf("the proxy was asked for %q, want %q", asked, c.asked)
			}
			if conn.Loopback() || !conn.MaySendSecrets() {
				t.Errorf("loopback %v, secrets %v", conn.Loopback(), conn.MaySendSecrets())
			}
		}
	}
}

// Behind a proxy nothing is loopback, whatever its own address.
func TestSocks5IsNotLoopback(t *testing.T) {
	p := &proxy{to: serve(t, "tcp", "127.0.0.1:0", echo)}
	cfg := Config{Address: "127.0.0.1:25", Proxy: p.start(t)}
	_, err := Dial(t.Context(), cfg)
	kindIs(t, err, TLSRefused)
	cfg.AllowPlain = true
	c := dial(t, cfg)
	greets(t, c)
	if c.Loopback() || c.MaySendSecrets() {
		t.Error("secrets may be sent in plain text through a proxy")
	}
}

func TestSocks5Faults(t *testing.T) {
	for _, c := range []struct {
		name string
		p    proxy
		kind Kind
		says string
	}{
		{"login refused", proxy{user: "joe", password: "other"}, Network, "refused the login"},
		{"no method, RFC 1928 §3", proxy{method: 0xff}, Network, "wants a login"},
		{"GSSAPI", proxy{method: 1}, Network, "wants a login"},
		{"not allowed, RFC 1928 §6", proxy{reply: "\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"}, Network, "not allowed"},
		{"refused", proxy{reply: "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"}, Network, "connection refused"},
		{"unknown error", proxy{reply: "\x05\x63\x00\x01\x00\x00\x00\x00\x00\x00"}, Network, "error 99"},
		{"no SOCKS5", proxy{reply: "HTTP/1.1 400 Bad Request\r\n"}, Protocol, "does not speak SOCKS5"},
		{"unknown kind of address", proxy{reply: "\x05\x00\x00\x09\x00\x00\x00\x00\x00\x00"}, Protocol, "does not speak SOCKS5"},
		{"stalled", proxy{reply: "\x05\x00\x00"}, Timeout, "within 1s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := c.p.start(t)
			u.User = url.UserPassword("joe", "hunter2")
			_, err := Dial(t.Context(), Config{Address: "mail.example.org:25", Security: StartTLS, Proxy: u, Timeout: time.Second})
			kindIs(t, err, c.kind)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v, want one that says %q", err, c.says)
			}
		})
	}
}

// A reply may come with a name, and is cut anywhere.
func TestSocks5CutReply(t *testing.T) {
	const reply = "\x05\x00\x00\x03\x04host\x00\x19"
	for n := range len(reply) {
		addr := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
			c.Read(make([]byte, 100))
			io.WriteString(c, "\x05\x00")
			c.Read(make([]byte, 100))
			io.WriteString(c, reply[:n])
		})
		_, err := Dial(t.Context(), Config{Address: "mail.example.org:25", Security: StartTLS, Proxy: &url.URL{Scheme: "socks5", Host: addr.String()}})
		kindIs(t, err, Network)
	}
	p := &proxy{reply: reply, to: serve(t, "tcp", "127.0.0.1:0", echo)}
	greets(t, dial(t, Config{Address: "mail.example.org:25", Security: StartTLS, Proxy: p.start(t)}))
}
