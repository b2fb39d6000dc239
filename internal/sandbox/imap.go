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

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// maxIMAPLine is the longest line of a command.
const maxIMAPLine = 64 << 10

// imapFront is a connection as go-imap's server sees it. It reads the command lines along with it, takes STARTTLS upon
// itself and does what is scripted.
type imapFront struct {
	net.Conn
	*peer
	in      *bufio.Reader
	session *imapSession

	pending []byte // what the server reads next
	literal int64  // octets of a literal still to come
	within  bool   // the next line goes on with a command
	mute    bool   // the greeting is swallowed
	greeted bool
	tells   bool // the server may tell its capabilities now: nothing else comes but status lines

	upgrade   bool
	closed    chan struct{}
	closeOnce sync.Once
}

func (s *Sandbox) serveIMAP(nc net.Conn, implicitTLS bool) {
	var err error
	if implicitTLS {
		if nc, err = s.handshake("imap", nc); err != nil {
			return
		}
	}
	f := newIMAPFront(s, nc)
	if !f.greet() {
		return
	}
	for f.serve(); f.upgrade; f.serve() {
		if nc, err = s.handshake("imap", nc); err != nil {
			return
		}
		f = newIMAPFront(s, nc)
		f.mute = true
	}
}

func newIMAPFront(s *Sandbox, nc net.Conn) *imapFront {
	f := &imapFront{Conn: nc, peer: newPeer(s, "imap", nc), tells: true, closed: make(chan struct{})}
	f.in = bufio.NewReaderSize(f.peer, maxIMAPLine)
	f.session = &imapSession{peer: f.peer}
	return f
}

// greet does what is scripted for a new connection. A greeting but OK and PREAUTH ends it.
func (f *imapFront) greet() bool {
	reply, err := f.misbehave("connect", f.remoteIP())
	if err != nil || reply == "" {
		return err == nil
	}
	f.mute = strings.HasPrefix(reply, "* OK") || strings.HasPrefix(reply, "* PREAUTH")
	if err := f.line(reply); err != nil || !f.mute {
		f.flush()
		f.nc.Close()
		return false
	}
	return true
}

// serve hands the connection to a server of go-imap until that is done with it.
func (f *imapFront) serve() {
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return f.session, nil, nil
		},
		Caps:         imapCaps(),
		Logger:       silence{},
		InsecureAuth: true,
	})
	srv.Serve(&only{conn: f, closed: f.closed}) // ends when f is closed
}

func imapCaps() imap.CapSet {
	caps := imap.CapSet{}
	for _, c := range []imap.Cap{
		imap.CapIMAP4rev1, imap.CapIMAP4rev2, imap.CapNamespace, imap.CapUIDPlus, imap.CapESearch, imap.CapSearchRes,
		imap.CapListExtended, imap.CapListStatus, imap.CapMove, imap.CapStatusSize, imap.CapBinary, imap.CapChildren,
		imap.CapSpecialUse, imap.CapLiteralPlus,
	} {
		caps[c] = struct{}{}
	}
	return caps
}

// Close ends the server's part; before STARTTLS's handshake the connection stays.
func (f *imapFront) Close() (err error) {
	f.closeOnce.Do(func() {
		err = f.flush()
		if !f.upgrade {
			err = errors.Join(err, f.nc.Close())
		}
		close(f.closed)
	})
	return err
}

// Read gives the server what it is to see of the client: lines, and literals.
func (f *imapFront) Read(p []byte) (int, error) {
	if len(f.pending) == 0 && f.literal > 0 {
		n, err := f.in.Read(p[:min(int64(len(p)), f.literal)])
		f.literal -= int64(n)
		return n, err
	}
	for len(f.pending) == 0 {
		if f.upgrade {
			return 0, io.EOF
		}
		line, err := f.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, err
		}
		if err := f.command(bytes.Clone(line)); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.pending)
	f.pending = f.pending[n:]
	return n, nil
}

// command leaves in pending what the server is to see of a line: nothing if front has dealt with it.
func (f *imapFront) command(line []byte) error {
	size, sync, hasLiteral := literalAt(line)
	forward := true
	if !f.within {
		var err error
		if forward, err = f.dispatch(string(bytes.TrimRight(line, "\r\n"))); err != nil {
			return err
		}
	}
	f.within = hasLiteral
	switch {
	case forward:
		f.pending = line
		if hasLiteral {
			f.literal = size
		}
	case hasLiteral && !sync: // RFC 7888: it comes unasked, and the rest of the command after it
		if _, err := io.CopyN(io.Discard, f.in, size); err != nil {
			return err
		}
		return f.skipCommand()
	default:
		f.within = false // the client does not send the literal that was not asked for
	}
	return nil
}

// skipCommand throws away the rest of a command.
func (f *imapFront) skipCommand() error {
	f.within = false
	for {
		line, err := f.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, _, hasLiteral := literalAt(line)
		if !hasLiteral {
			return nil
		}
		if _, err := io.CopyN(io.Discard, f.in, size); err != nil {
			return err
		}
	}
}

// literalAt reads the announcement of a literal at the end of a line: {12}, {12+} or {12-} (RFC 7888).
func literalAt(line []byte) (size int64, sync, ok bool) {
	s := strings.TrimRight(string(line), "\r\n")
	open := strings.LastIndexByte(s, '{')
	if open < 0 || !strings.HasSuffix(s, "}") {
		return 0, false, false
	}
	number := s[open+1 : len(s)-1]
	digits := strings.TrimRight(number, "+-")
	n, err := strconv.ParseUint(digits, 10, 62)
	return int64(n), digits == number, err == nil
}
