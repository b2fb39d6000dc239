package sandbox

import (
	"net"

	"github.com/emersion/go-smtp"
)

// smtpKind is how a connection begins.
type smtpKind int

const (
	smtpPlain smtpKind = iota
	smtpImplicitTLS
	lmtp
)

// serveSMTP serves a connection to its end. STARTTLS ends go-smtp's part and begins another on the connection's TLS
// side, so that nothing the client said in plain text lives on (RFC 3207 §4.2).
func (s *Sandbox) serveSMTP(nc net.Conn, kind smtpKind) {
	var err error
	if kind == smtpImplicitTLS {
		if nc, err = s.handshake("smtp", nc); err != nil {
			return
		}
	}
	f := newFront(s, nc, kind)
	if !f.connect() {
		nc.Close()
		return
	}
	for f.serve(); f.upgrade; f.serve() {
		if nc, err = s.handshake("smtp", nc); err != nil {
			return
		}
		f = newFront(s, nc, kind)
		f.mute = 1 // go-smtp greets anew
	}
}

// serve hands the connection to a server of go-smtp until that is done with it.
func (f *front) serve() {
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return f.session, nil }))
	srv.Domain = f.sb.opt.Host
	srv.LMTP = f.kind == lmtp
	srv.MaxLineLength = 0                  // front limits command lines; lines of a letter have no limit here
	srv.MaxMessageBytes = f.sb.opt.MaxSize // announced, and held against MAIL's SIZE
	srv.MaxRecipients = f.sb.opt.MaxRecipients
	srv.AllowInsecureAuth = true
	srv.ErrorLog = silence{}
	srv.EnableSMTPUTF8, srv.EnableBINARYMIME, srv.EnableDSN = true, true, true
	srv.EnableREQUIRETLS = f.tls != nil
	srv.EnableRRVS, srv.EnableDELIVERBY, srv.EnableMTPRIORITY = true, true, true
	srv.Serve(&only{conn: f, closed: f.closed}) // ends when f is closed
}

// silence is where go-smtp's log goes: what it says is that a client hung up.
type silence struct{}

func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}

// only is a listener that has one connection to give.
type only struct {
	conn   net.Conn
	closed <-chan struct{} // when conn is
	given  bool
}

func (l *only) Accept() (net.Conn, error) {
	if !l.given {
		l.given = true
		return l.conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *only) Close() error   { return nil }
func (l *only) Addr() net.Addr { return l.conn.LocalAddr() }
