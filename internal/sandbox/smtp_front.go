package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// maxLine is the longest command line, CRLF included: a SASL response may have 12288 octets (RFC 4954 §4).
const maxLine = 16 << 10

// front is a connection as go-smtp's server sees it. It gives the server one command line at a time, and so knows which
// reply belongs to which command. It takes STARTTLS and the octets of DATA upon itself, and does what is scripted.
//
// Replies are held back while the client has more commands in flight, so that a flight is answered by one write.
type front struct {
	net.Conn
	*peer
	kind    smtpKind
	in      *bufio.Reader
	session *session

	pending []byte // what the server reads next
	verb    string // of the command that the server is answering
	path    string // the address in MAIL or RCPT, as it stood between < and >
	chunk   int64  // octets of a BDAT chunk still to come
	body    *Fault // at stage body, of the letter that is coming
	bodyAt  int64  // octets of the letter so far

	reply    []byte // what the server has written of a reply so far
	code     string // of the last reply
	override string // goes out instead of the next reply
	mute     int    // that many replies are swallowed

	lost      error // the client is gone, or cut off: nothing that is buffered counts any more
	upgrade   bool  // STARTTLS was answered: TLS comes next
	closed    chan struct{}
	closeOnce sync.Once
}

func newFront(sb *Sandbox, nc net.Conn, kind smtpKind) *front {
	f := &front{Conn: nc, peer: newPeer(sb, "smtp", nc), kind: kind, closed: make(chan struct{})}
	f.in = bufio.NewReaderSize(f.peer, maxLine)
	f.session = newSession(f)
	return f
}

// Close ends the server's part; before STARTTLS's handshake the connection stays.
func (f *front) Close() (err error) {
	f.closeOnce.Do(func() {
		err = f.flush()
		if !f.upgrade {
			err = errors.Join(err, f.nc.Close())
		}
		close(f.closed)
	})
	return err
}

// Read gives the server what it is to see of the client. After an error there is nothing more to see, also if commands
// are buffered that came behind what was cut short.
func (f *front) Read(p []byte) (n int, err error) {
	if f.lost != nil {
		return 0, f.lost
	}
	defer func() {
		if !f.upgrade {
			f.lost = err
		}
	}()
	if len(f.pending) == 0 && f.chunk > 0 {
		return f.readChunk(p)
	}
	for len(f.pending) == 0 {
		if f.verb == "DATA" && f.code == "354" {
			err = f.receive()
		} else {
			err = f.command()
		}
		if err != nil {
			return 0, err
		}
	}
	n = copy(p, f.pending)
	f.pending = f.pending[n:]
	return n, nil
}

// command reads a command line, and leaves in pending what the server is to see of it: nothing if front has dealt
// with it.
func (f *front) command() error {
	if f.upgrade || f.code == "421" { // what was in flight behind a 421 is not done: RFC 5321 §3.8
		return io.EOF
	}
	line, err := f.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return f.lineTooLong()
	case err != nil && len(line) > 0:
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	case f.code == "334": // an answer to AUTH's challenge
		f.pending = bytes.Clone(line)
		return nil
	}
	verb, arg, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
	f.verb, f.path = strings.ToUpper(verb), ""
	forward, err := f.dispatch(arg)
	if forward && err == nil && len(f.pending) == 0 {
		f.pending = bytes.Clone(line)
	}
	return err
}

// dispatch does what front has to do with a command, and says whether the server is to see it.
func (f *front) dispatch(arg string) (forward bool, err error) {
	switch f.verb {
	case "EHLO", "HELO", "LHLO":
		f.session.hello(f.verb, arg)
		return f.meet("ehlo", arg)
	case "AUTH":
		if f.lacks("AUTH") {
			return false, f.send("502 5.5.1 AUTH is not possible here")
		}
	case "STARTTLS":
		return f.startTLS()
	case "MAIL", "RCPT":
		f.path = addressIn(arg)
		f.qualify(arg)
		forward, err = f.meet(strings.ToLower(f.verb), f.path)
		if !forward {
			f.pending = nil
		}
		return forward, err
	case "DATA":
		if f.bodyAt = 0; len(f.session.tx.to) > 0 {
			return f.meet("data", f.session.tx.addresses()...)
		}
	case "BDAT":
		return f.bdat(arg)
	case "QUIT":
		return f.meet("quit", f.remoteIP())
	}
	return true, nil
}

// lineTooLong answers a line beyond maxLine, which is skipped.
func (f *front) lineTooLong() error {
	for {
		_, err := f.in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return err
		}
		return f.send("500 5.5.6 Line too long")
	}
}

// startTLS answers STARTTLS. What the client sent behind it is thrown away: it was not under TLS.
func (f *front) startTLS() (forward bool, err error) {
	if f.tls != nil || f.kind == lmtp || f.lacks("STARTTLS") {
		return false, f.send("502 5.5.1 STARTTLS is not possible here")
	}
	if forward, err := f.meet("starttls", f.remoteIP()); !forward {
		return false, err
	}
	f.upgrade = true
	return false, f.send("220 2.0.0 Ready to start TLS")
}

// qualify gives an address without a domain the sandbox's own (RFC 5321 §2.3.5 allows only Postmaster without),
// which go-smtp insists on. The envelope shows the address as the client gave it.
func (f *front) qualify(arg string) {
	if f.path == "" || strings.ContainsAny(f.path, "@\"\\ ") {
		return
	}
	full := strings.Replace(arg, "<"+f.path+">", "<"+f.path+"@"+f.sb.opt.Host+">", 1)
	f.pending = []byte(f.verb + " " + full + "\r\n")
}

// addressIn is what stands between < and > in the argument of MAIL or RCPT; a > within quotes is not the end.
func addressIn(arg string) string {
	_, rest, ok := strings.Cut(arg, "<")
	if !ok {
		return ""
	}
	quoted := false
	for i := 0; i < len(rest); i++ {
		switch {
		case quoted && rest[i] == '\\':
			i++
		case rest[i] == '"':
			quoted = !quoted
		case rest[i] == '>' && !quoted:
			return rest[:i]
		}
	}
	return ""
}

// parseChunk parses BDAT's argument, as go-smtp does (RFC 3030 §2).
func parseChunk(arg string) (size int64, ok bool) {
	args := strings.Fields(arg)
	if len(args) == 0 || len(args) > 2 || len(args) == 2 && !strings.EqualFold(args[1], "LAST") {
		return 0, false
	}
	n, err := strconv.ParseUint(args[0], 10, 32)
	return int64(n), err == nil
}
