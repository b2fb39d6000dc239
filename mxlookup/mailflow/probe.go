package mailflow

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"posta/internal/dialer"
)

const (
	maxReplyLine  = 4096
	maxReplyLines = 100
)

// probe is a conversation with a mail server that sends nothing.
type probe struct {
	conn *dialer.Conn
	code int
	text []string // lines of the last reply
}

// checkServer talks to a host at one of its addresses.
func (k *check) checkServer(ctx context.Context, host string, addr netip.Addr) {
	port := k.port()
	if k.Redirect != 0 {
		port = k.Redirect
	}
	start := time.Now()
	conn, err := dialer.Dial(ctx, dialer.Config{
		Address: net.JoinHostPort(addr.String(), strconv.Itoa(port)), Security: dialer.StartTLS, Timeout: k.patience(),
	})
	k.tried++
	if err != nil {
		k.refused(host, addr, err)
		return
	}
	k.add(OK, host, "", "", "%s answers at port %d", addr, port)
	k.took(time.Since(start))
	k.converse(ctx, host, &probe{conn: conn})
}

// patience is for how long a server may be silent.
func (c *Checker) patience() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return 30 * time.Second
}

// port is that of the mail servers.
func (c *Checker) port() int {
	if c.Port != 0 {
		return c.Port
	}
	return 25
}

// refused notes that a connection could not be made.
func (k *check) refused(host string, addr netip.Addr, err error) {
	if d := new(dialer.Error); errors.As(err, &d) && d.Kind == dialer.Timeout || errors.Is(err, os.ErrDeadlineExceeded) {
		k.blocked++
		k.add(Unknown, host, "RFC 5321 §4.5.4.1", "", "%s does not answer", addr)
		return
	}
	for _, ours := range []error{syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT} {
		if errors.Is(err, ours) { // as to any IPv6 address from a network that has none
			k.blocked++
			k.add(Info, host, "", "check from elsewhere", "%s cannot be reached from here: %v", addr, ours)
			return
		}
	}
	k.add(Bad, host, "RFC 5321 §4.5.4.1", "start the server, or remove the host", "%v", err)
}

// converse reads the banner, says EHLO, STARTTLS and QUIT.
func (k *check) converse(ctx context.Context, host string, p *probe) {
	defer p.conn.Close()
	defer p.conn.Watch(ctx)()
	if !k.step(host, p, "banner", "", "RFC 5321 §4.2", 220) {
		return
	}
	if !k.step(host, p, "EHLO", "EHLO "+k.localName(), "RFC 5321 §4.1.1.1", 250) {
		return
	}
	if !p.offers("STARTTLS") {
		k.noTLS(ctx, host)
	} else if k.step(host, p, "STARTTLS", "STARTTLS", "RFC 3207 §4", 220) {
		k.startTLS(ctx, host, p)
		return
	}
	p.say("QUIT")
}

// step sends a command, if there is one, and notes the reply with the time that it took.
func (k *check) step(host string, p *probe, what, command, ref string, want int) bool {
	start := time.Now()
	err := p.say(command)
	if err == nil {
		err = p.reply()
	}
	switch {
	case err != nil:
		k.add(Bad, host, ref, "", "%s: %v", what, err)
	case p.code != want && p.code/100 == 4:
		k.add(Unknown, host, ref, "", "%s: %d %s", what, p.code, p.text[0])
	case p.code != want:
		k.add(Bad, host, ref, "", "%s: %d %s", what, p.code, p.text[0])
	case what == "EHLO":
		k.add(OK, host, ref, "", "%s: %s", what, strings.Join(p.text[1:], ", "))
	default:
		k.add(OK, host, ref, "", "%s: %s", what, p.text[0])
	}
	k.took(time.Since(start))
	return err == nil && p.code == want
}

func (p *probe) say(command string) error {
	if command == "" {
		return nil
	}
	_, err := p.conn.Write([]byte(command + "\r\n"))
	return err
}

// reply reads a reply of one or more lines (RFC 5321 §4.2.1).
func (p *probe) reply() error {
	p.conn.StartReply()
	defer p.conn.EndReply()
	p.text = p.text[:0]
	for range maxReplyLines {
		line, err := p.conn.ReadLine(maxReplyLine)
		if err != nil {
			return err
		}
		if len(line) < 3 {
			return fmt.Errorf("reply %q", line)
		}
		code, err := strconv.Atoi(string(line[:3]))
		if err != nil || code < 200 || code > 599 || len(p.text) > 0 && code != p.code {
			return fmt.Errorf("reply %q", line)
		}
		p.code = code
		p.text = append(p.text, string(line[min(4, len(line)):]))
		if len(line) == 3 || line[3] != '-' {
			return nil
		}
	}
	return fmt.Errorf("a reply of more than %d lines", maxReplyLines)
}

// offers says whether the reply to EHLO has a keyword.
func (p *probe) offers(keyword string) bool {
	for _, line := range p.text[min(1, len(p.text)):] {
		if word, _, _ := strings.Cut(line, " "); strings.EqualFold(word, keyword) {
			return true
		}
	}
	return false
}

// startTLS makes the handshake with whatever certificate there is, and has it judged.
func (k *check) startTLS(ctx context.Context, host string, p *probe) {
	if p.conn.Buffered() > 0 {
		k.add(Bad, host, "RFC 3207 §6", "update the server", "the server went on in plain text after STARTTLS")
		return
	}
	start := time.Now()
	raw := p.conn.NetConn()
	raw.SetDeadline(start.Add(p.conn.Timeout()))
	// What the certificate is worth is found out below, by three measures.
	conn := tls.Client(raw, &tls.Config{ServerName: host, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
	if err := conn.HandshakeContext(ctx); err != nil {
		k.add(Bad, host, "RFC 3207 §4", "correct the server's TLS", "TLS: %v", err)
		return
	}
	state := conn.ConnectionState()
	level, advice := OK, ""
	if state.Version < tls.VersionTLS12 {
		level, advice = Bad, "offer TLS 1.2 and 1.3 (RFC 8996)"
	}
	k.add(level, host, "RFC 8996", advice, "%s, %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))
	k.took(time.Since(start))
	k.checkCertificate(ctx, host, state.PeerCertificates)
	conn.Write([]byte("QUIT\r\n"))
}

// localName is what EHLO says.
func (c *Checker) localName() string {
	if c.LocalName != "" {
		return c.LocalName
	}
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") {
		return name
	}
	return "[127.0.0.1]"
}
