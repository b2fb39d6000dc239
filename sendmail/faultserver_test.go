package sendmail_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"posta/sendmail"
)

// faultServer is an SMTP or LMTP server that behaves, but for what the test scripts. It keeps what clients told it.
type faultServer struct {
	ext      []string               // EHLO keywords
	tlsExt   []string               // those under TLS; nil: the same
	at       map[string]fault       // what happens at a stage instead of the usual reply
	tls      *tls.Config            // for STARTTLS
	implicit bool                   // TLS from the start
	lmtp     bool                   // a reply for each recipient
	auth     func(*session, string) // AUTH's exchange, to its last reply
	cut      cut                    // where the connection ends
	onData   func(*session)         // when the letter may begin
	record

	listener net.Listener
	sessions sync.WaitGroup
}

// fault is what the server does at a stage, usual being its usual reply.
type fault func(s *session, usual string)

// cut says after how many octets that the server wrote, or read, the connection ends. 0: never; -1: at once.
type cut struct {
	written, read int
	reset         bool // by RST; else the server says no more, and goes on reading
}

func (f *faultServer) start(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.listener = l
	f.sessions.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f.sessions.Go(func() { f.serve(c.(*net.TCPConn)) })
		}
	})
}

// stop waits until the clients are gone.
func (f *faultServer) stop() {
	f.listener.Close()
	f.sessions.Wait()
}

// session is one connection.
type session struct {
	*faultServer
	wire *cutConn
	conn net.Conn // wire, or TLS over it
	in   *bufio.Reader

	secure  bool
	open    bool // a transaction
	from    string
	to      []string
	data    strings.Builder
	code    byte // first digit of the last reply
	closing bool // 421 was said (RFC 5321 §3.8)
}

// abandoned is when a client that does nothing is given up, so that a test that fails ends.
const abandoned = 30 * time.Second

func (f *faultServer) serve(c *net.TCPConn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(abandoned))
	c.SetReadBuffer(64 << 10) // so that a letter does not fit between the ends
	s := &session{faultServer: f, wire: &cutConn{TCPConn: c, f: f}}
	s.over(s.wire)
	if f.cut.written < 0 {
		s.wire.end()
	}
	if f.implicit && !s.startTLS() {
		return
	}
	s.reply(sendmail.StageGreeting, "220 fault.example ESMTP")
	for {
		line, ok := s.line()
		if !ok || !s.command(line) || s.closing {
			return
		}
	}
}

func (s *session) over(c net.Conn) { s.conn, s.in = c, bufio.NewReader(c) }

func (s *session) startTLS() bool {
	conn := tls.Server(s.wire, s.tls)
	if conn.Handshake() != nil {
		return false
	}
	s.over(conn)
	s.secure = true
	return true
}

// line reads a line. One that is cut is none.
func (s *session) line() (string, bool) {
	line, err := s.in.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err == nil
}

// reply says what it says at this stage.
func (s *session) reply(stage, usual string) {
	if f := s.at[stage]; f != nil {
		f(s, usual)
		return
	}
	s.say(usual)
}

// say writes lines.
func (s *session) say(lines string) {
	s.raw(strings.ReplaceAll(lines, "\n", "\r\n") + "\r\n")
}

func (s *session) raw(octets string) error {
	s.code = octets[0]
	s.closing = s.closing || strings.HasPrefix(octets, "421")
	_, err := io.WriteString(s.conn, octets)
	return err
}

func (s *session) command(line string) bool {
	verb, arg, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	s.note(verb, line)
	switch verb {
	case "EHLO", "LHLO":
		s.reply(sendmail.StageEHLO, s.hello())
	case "HELO":
		s.say("250 fault.example")
	case "STARTTLS":
		s.reply(sendmail.StageSTARTTLS, "220 2.0.0 go ahead")
		return s.startTLS()
	case "AUTH":
		if s.auth != nil {
			s.auth(s, arg)
			break
		}
		s.reply(sendmail.StageAUTH, "235 2.7.0 welcome")
	case "MAIL":
		s.from = address(arg)
		s.reply(sendmail.StageMAIL, "250 2.1.0 sender ok")
		s.open = s.code == '2'
	case "RCPT":
		s.recipient(address(arg))
	case "DATA":
		return s.takeData()
	case "BDAT":
		return s.takeChunk(arg)
	case "RSET":
		s.reset()
		s.reply(sendmail.StageRSET, "250 2.0.0 reset")
	case "QUIT":
		s.reply(sendmail.StageQUIT, "221 2.0.0 bye")
		return false
	default:
		s.say("500 5.5.2 what?")
	}
	return true
}

// note keeps a command, and apart from it what it tells of secrets.
func (s *session) note(verb, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fields := strings.Fields(line); verb == "AUTH" && len(fields) > 2 {
		s.secrets = append(s.secrets, fields[2])
	}
	s.commands = append(s.commands, line)
}

func (s *session) hello() string {
	ext := s.ext
	if s.secure && s.tlsExt != nil {
		ext = s.tlsExt
	}
	lines := append([]string{"fault.example"}, ext...)
	return "250-" + strings.Join(lines[:len(lines)-1], "\n250-") + "\n250 " + lines[len(lines)-1]
}

func address(arg string) string {
	_, a, _ := strings.Cut(arg, "<")
	a, _, _ = strings.Cut(a, ">")
	return a
}

// recipient takes one unless the script refuses it, which it does by a reply that is not 2yz.
func (s *session) recipient(to string) {
	if !s.open {
		s.say("503 5.5.1 MAIL first")
		return
	}
	if f := s.at[sendmail.StageRCPT]; f != nil {
		before := len(s.to)
		s.to = append(s.to, to)
		f(s, "250 2.1.5 recipient ok")
		if s.code != '2' {
			s.to = s.to[:before]
		}
		return
	}
	s.to = append(s.to, to)
	s.say("250 2.1.5 recipient ok")
}

func (s *session) reset() {
	s.open, s.from, s.to = false, "", nil
	s.data.Reset()
}

// takeData is DATA: whatever follows is the letter only after a 354.
func (s *session) takeData() bool {
	if len(s.to) == 0 {
		s.say("554 5.5.1 no valid recipients")
		return true
	}
	s.reply(sendmail.StageDATA, "354 go ahead")
	if s.code != '3' {
		return true
	}
	if s.onData != nil {
		s.onData(s)
	}
	for {
		line, err := s.in.ReadString('\n')
		switch {
		case err != nil:
			return false
		case line == ".\r\n":
			s.deliver(sendmail.StageDataEnd)
			return true
		}
		s.data.WriteString(strings.TrimPrefix(line, "."))
	}
}

// takeChunk is BDAT (RFC 3030 §2): the octets follow whatever the reply will be.
func (s *session) takeChunk(arg string) bool {
	size, last, _ := strings.Cut(arg, " ")
	n, err := strconv.Atoi(size)
	if err != nil {
		s.say("501 5.5.4 syntax")
		return false
	}
	if s.onData != nil {
		s.onData(s)
	}
	if _, err := io.CopyN(&s.data, s.in, int64(n)); err != nil {
		return false
	}
	switch {
	case len(s.to) == 0:
		s.say("554 5.5.1 no valid recipients")
	case strings.EqualFold(last, "LAST"):
		s.deliver(sendmail.StageBDAT)
	default:
		s.reply(sendmail.StageBDAT, "250 2.0.0 chunk ok")
	}
	return true
}

// deliver keeps a letter that came whole, unless the script refuses it, and replies, for LMTP to each recipient.
func (s *session) deliver(stage string) {
	letter, to := delivered{from: s.from, data: s.data.String()}, s.to
	s.reset()
	for i := range to {
		if s.closing {
			break
		}
		if i == 0 || s.lmtp {
			s.reply(stage, "250 2.0.0 queued as 4711")
		}
		if s.code == '2' {
			letter.to = append(letter.to, to[i])
		}
	}
	if len(letter.to) > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.delivered = append(s.delivered, letter)
	}
}
