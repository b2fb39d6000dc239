package sandbox

import (
	"bufio"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"strings"
)

// maxPOP3Line is RFC 2449 §4's 255 octets, and more: SASL needs it.
const maxPOP3Line = 16 << 10

// pop3 is a POP3 session (RFC 1939, 2449, 2595, 5034, 6856 without LANG) on the inbox of an account.
type pop3 struct {
	*peer
	in    *bufio.Reader
	stamp string // in the greeting, for APOP
	user  string

	account *account // nil until the login
	entries []*entry // as they were then
	deleted map[int]bool
	upgrade bool // STLS was answered
}

func (s *Sandbox) servePOP3(nc net.Conn, implicitTLS bool) {
	var err error
	if implicitTLS {
		if nc, err = s.handshake("pop3", nc); err != nil {
			return
		}
	}
	p := newPOP3(s, nc)
	if !p.greet() {
		return
	}
	for p.serve(); p.upgrade; p.serve() {
		if nc, err = s.handshake("pop3", nc); err != nil {
			return
		}
		p = newPOP3(s, nc) // RFC 2595 §4: nothing of before is kept
	}
}

func newPOP3(s *Sandbox, nc net.Conn) *pop3 {
	p := &pop3{peer: newPeer(s, "pop3", nc), deleted: map[int]bool{}}
	p.in = bufio.NewReaderSize(p.peer, maxPOP3Line)
	p.stamp = "<" + rand.Text() + "@" + s.opt.Host + ">"
	return p
}

// greet says hello, or what is scripted instead; that ends the connection if it refuses.
func (p *pop3) greet() bool {
	reply, err := p.misbehave("connect", p.remoteIP())
	switch {
	case err != nil:
		return false
	case reply == "":
		reply = "+OK ready " + p.stamp // last: curl takes all from its "<" on
	}
	if err := p.line(reply); err != nil || !strings.HasPrefix(reply, "+OK") {
		p.flush()
		p.nc.Close()
		return false
	}
	return true
}

// serve answers commands until the connection ends, or TLS comes.
func (p *pop3) serve() {
	defer func() {
		if p.account != nil {
			p.account.unlock()
		}
	}()
	for !p.upgrade {
		line, err := p.readLine()
		if err == nil {
			p.behave()
			err = p.command(line)
		}
		if err != nil {
			p.flush()
			p.nc.Close()
			return
		}
	}
	p.flush()
}

// readLine is a line without its end.
func (p *pop3) readLine() (string, error) {
	line, err := p.in.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) { // too long: its end is skipped, and no command is so long
		_, err = p.in.ReadSlice('\n')
		line = []byte("?")
	}
	return strings.TrimRight(string(line), "\r\n"), err
}

// command answers a command, first by what is scripted for it: Match is held against the user and the arguments, which
// may be a letter's number.
func (p *pop3) command(line string) error {
	verb, arg, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	reply, err := p.misbehave(strings.ToLower(verb), append([]string{p.user}, strings.Fields(arg)...)...)
	switch {
	case err != nil:
		return err
	case reply != "":
		return p.line(reply)
	}
	switch verb {
	case "QUIT":
		return p.quit()
	case "CAPA":
		return p.capa()
	case "NOOP":
		return p.line("+OK")
	}
	if p.account == nil {
		return p.authorization(verb, arg)
	}
	return p.transaction(verb, arg)
}

// line sends a line.
func (p *pop3) line(s string) error {
	if !strings.HasSuffix(s, "\n") {
		s += "\r\n"
	}
	return p.write([]byte(s))
}

// capa is RFC 2449's list.
func (p *pop3) capa() error {
	lines := []string{"TOP", "UIDL", "USER", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER", "UTF8"}
	if p.account == nil {
		lines = append(lines, "SASL "+strings.Join(p.mechanisms(), " "))
		if p.tls == nil {
			lines = append(lines, "STLS")
		}
	}
	answer := "+OK\r\n"
	for _, line := range lines {
		if word, _, _ := strings.Cut(line, " "); !p.lacks(word) {
			answer += line + "\r\n"
		}
	}
	return p.line(answer + ".\r\n")
}

// quit deletes what is marked (RFC 1939 §6), and only then says so.
func (p *pop3) quit() error {
	if p.account != nil {
		gone := map[*entry]bool{}
		for i := range p.deleted {
			gone[p.entries[i]] = true
		}
		p.account.inbox().remove(func(e *entry) bool { return gone[e] })
		p.account.unlock() // the next session may follow at once
		p.account = nil
	}
	return errors.Join(p.line("+OK bye"), io.EOF)
}
