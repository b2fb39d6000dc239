package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/internal/dialer"
)

// wholeSession is a dialogue in which most of the protocol occurs.
const wholeSession = `S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi
C: p1 AUTHENTICATE PLAIN
S: +` + " " + `
C: AHUAcA==
S: * CAPABILITY IMAP4rev1 ESEARCH UIDPLUS THREAD=REFS
S: p1 OK in
C: p2 SELECT "INBOX"
C: p3 UID SEARCH RETURN (ALL) UNSEEN
S: * 3 EXISTS
S: * FLAGS (\Seen)
S: * OK [UIDVALIDITY 5] ok
S: p2 OK [READ-WRITE] selected
S: * ESEARCH (TAG "p3") UID ALL 1,3
S: p3 OK done
C: p4 UID FETCH 1,3 (UID FLAGS BODY.PEEK[])
S: * 1 FETCH (FLAGS () BODY[] {10}
S: 012345678\n UID 1)
S: * 2 EXPUNGE
S: * 2 FETCH (UID 3 FLAGS (\Seen) BODY[] "0123456789")
S: p4 OK done
C: p5 LIST "" "*"
C: p6 UID THREAD REFS US-ASCII ALL
S: * LIST (\HasNoChildren) "/" {2}
S: ab
S: p5 OK done
S: * THREAD (1 (3))
S: p6 OK done
C: p7 APPEND "INBOX" {5}
S: + go on
C: hello
S: * 3 EXISTS
S: p7 OK [APPENDUID 5 6] done
C: p8 UID COPY 1:3 "ab"
S: p8 OK [COPYUID 9 1,3 7:8] done
`

// playWholeSession plays it from the client's side, up to the first error. No message seems whole that is not.
func playWholeSession(t *testing.T, cfg Config) error {
	c, err := Dial(context.Background(), cfg)
	if err != nil {
		return err
	}
	defer c.Close()
	err = playCommands(t, c)
	if err != nil && !c.Broken() {
		t.Errorf("not broken after %v", err)
	}
	return err
}

func playCommands(t *testing.T, c *Client) error {
	sel := c.Select("INBOX", SelectOptions{})
	search := c.Search(Raw("UNSEEN"), SearchOptions{})
	if s, err := sel.Wait(); err != nil || s.NumMessages != 3 || s.UIDValidity != 5 {
		return wrong(err, s)
	}
	found, err := search.Wait()
	if err != nil || found.All.String() != "1,3" {
		return wrong(err, found)
	}
	list, err := all(c.Fetch(found.All, body))
	if err == nil && strings.Join(list, "|") != "1[]012345678\n|3[\\Seen]0123456789" {
		err = wrong(nil, list)
	}
	for _, m := range list {
		if !strings.HasSuffix(m, "012345678\n") && !strings.HasSuffix(m, "0123456789") {
			t.Errorf("%q seems whole", m)
		}
	}
	if err != nil {
		return err
	}
	boxes, threads := c.List("", "*", nil), c.Thread("REFS", Raw("ALL"))
	if b, err := boxes.Wait(); err != nil || len(b) != 1 || b[0].Mailbox != "ab" {
		return wrong(err, b)
	}
	if th, err := threads.Wait(); err != nil || outline(th) != "1 >3" {
		return wrong(err, th)
	}
	if a, err := c.Append("INBOX", Letter{Size: 5, Body: strings.NewReader("hello")}).Wait(); err != nil || a.UIDs.String() != "6" {
		return wrong(err, a)
	}
	if d, err := c.Copy(goimap.UIDSet{{Start: 1, Stop: 3}}, "ab").Wait(); err != nil || d.DestUIDs.String() != "7:8" {
		return wrong(err, d)
	}
	return nil
}

// wrong is err, or that the outcome is not what it should be.
func wrong(err error, outcome any) error {
	if err == nil {
		err = fmt.Errorf("%w: %+v", errWrong, outcome)
	}
	return err
}

var errWrong = errors.New("a wrong outcome")

// TestCutEverywhere cuts the connection after every octet of a session: the client always ends, with an error that is
// temporary.
func TestCutEverywhere(t *testing.T) {
	session := func(cut int) error {
		s := serve(t, wholeSession, cut)
		defer func() { <-s.done }()
		return playWholeSession(t, s.config())
	}
	s := serve(t, wholeSession, -1)
	if err := playWholeSession(t, s.config()); err != nil {
		t.Fatal(err)
	}
	<-s.done
	for cut := range s.said {
		err := session(cut)
		var e *Error
		if err == nil || errors.Is(err, errWrong) || errors.Is(err, ErrProtocol) || !errors.As(err, &e) || !e.Temporary() {
			t.Errorf("cut after %d: %v", cut, err)
		}
	}
}

// stalling plays the begin of the session and then keeps silent or, with a drip, goes on an octet at a time.
func stalling(t *testing.T, octets int, drip time.Duration) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	defer close(over)
	go func() {
		defer l.Close()
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		slow := &slowConn{Conn: conn, fast: octets, drip: drip, over: over}
		s := &server{t: t, cut: 1 << 30}
		s.play(wholeSession, slow)
		<-over
	}()
	s := server{addr: l.Addr().String()}
	cfg := s.config()
	cfg.Dialer.Timeout = 250 * time.Millisecond
	return playWholeSession(t, cfg)
}

// slowConn writes some octets at once, and the others slowly, or never.
type slowConn struct {
	net.Conn
	fast int
	drip time.Duration
	over chan struct{}
}

func (c *slowConn) Write(p []byte) (int, error) {
	n := min(len(p), c.fast)
	c.Conn.Write(p[:n])
	c.fast -= n
	for i := n; i < len(p); i++ {
		if c.drip == 0 {
			<-c.over
			return 0, io.ErrClosedPipe
		}
		select {
		case <-c.over:
			return i, io.ErrClosedPipe
		case <-time.After(c.drip):
		}
		c.Conn.Write(p[i : i+1])
	}
	return len(p), nil
}

// TestStalls: a server that falls silent, wherever, or drips, is a time-out.
func TestStalls(t *testing.T) {
	for octets := 0; octets < 480; octets += 29 {
		for _, drip := range []time.Duration{0, 40 * time.Millisecond} {
			t.Run(fmt.Sprintf("%d octets, then %v", octets, drip), func(t *testing.T) {
				t.Parallel()
				err := stalling(t, octets, drip)
				var timeout interface{ Timeout() bool }
				var conn *dialer.Error
				if !errors.As(err, &timeout) || !errors.As(err, &conn) || !conn.Timeout() || !conn.Temporary() {
					t.Errorf("%v", err)
				}
			})
		}
	}
}

// TestLiteralOfAnotherSize: a literal that is longer or shorter than announced is no message.
func TestLiteralOfAnotherSize(t *testing.T) {
	for _, size := range []string{"0", "4", "6", "8", "12", "40", "9223372036854775807"} {
		stream := "* 1 FETCH (UID 1 BODY[] {" + size + "}\r\nhello FLAGS ())\r\np2 OK done\r\n"
		list, err := all(overMemory(strings.NewReader(stream)))
		if err == nil || !errors.Is(err, ErrProtocol) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %q, %v", size, list, err)
		}
	}
}
