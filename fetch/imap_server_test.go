package fetch

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// testBox is a mailbox of a testServer, and what goes wrong with it.
type testBox struct {
	validity uint32
	next     uint32 // UIDNEXT
	uids     []uint32
	text     map[uint32]string
	refused  string            // SELECT's reply
	no       map[uint32]string // the reply of a FETCH that comes to this UID
	omit     map[uint32]bool
	empty    map[uint32]string // what stands for the content: "NIL", `""`
	bye      map[uint32]int    // how often the connection ends before this UID; <0: always
	cut      map[uint32]int    // how often it ends in its content
	size     map[uint32]int    // announced, where it is not the size
	extra    map[uint32]string // lines before this UID's response
	flags    map[uint32]string
	modSeq   map[uint32]uint64 // of flags
	highest  uint64            // HIGHESTMODSEQ; 0: none is told
	exists   int               // announced beyond what is there
	sticky   string            // lines of SELECT
	noSearch string            // SEARCH's reply, if it is not OK
	noFlags  string            // the same of a FETCH of flags alone
	noSince  string            // the same, with CHANGEDSINCE
	hidden   map[uint32]bool   // left out by SEARCH
}

// testServer is an IMAP4 server that does wrong what a test says.
type testServer struct {
	t     *testing.T
	addr  string
	mu    sync.Mutex
	boxes map[string]*testBox
	turns int // of all connections: how often the client waited for an answer
	conns atomic.Int32
	late  bool   // UID, FLAGS and INTERNALDATE come after the content
	stall string // a command that is never answered
	limit int    // octets that a connection says before it is cut; 0: no limit
	first int    // the limit is for so many connections alone; 0: all
	heard []string
	hook  func(s *testServer, command string) // before a command

	condStore  bool
	sideBySide bool // FETCHes and SEARCHes are done together, as Dovecot's are
}

func newTestBox(uids ...uint32) *testBox {
	b := &testBox{
		validity: 7, text: map[uint32]string{}, no: map[uint32]string{}, omit: map[uint32]bool{}, empty: map[uint32]string{},
		bye: map[uint32]int{}, cut: map[uint32]int{}, size: map[uint32]int{}, extra: map[uint32]string{}, flags: map[uint32]string{},
		modSeq: map[uint32]uint64{}, hidden: map[uint32]bool{},
	}
	for _, uid := range uids {
		b.add(uid, testText(uid))
	}
	return b
}

func testText(n uint32) string {
	return fmt.Sprintf("From: ann@example.org\r\nMessage-ID: <%d@example.org>\r\nSubject: %d\r\n\r\n%s\r\n", n, n, strings.Repeat("text ", int(n%50)))
}

func (b *testBox) add(uid uint32, text string) {
	b.uids = append(b.uids, uid)
	b.text[uid] = text
	b.next = max(b.next, uid+1)
}

func (b *testBox) expunge(uid uint32) {
	b.uids = slices.DeleteFunc(b.uids, func(u uint32) bool { return u == uid })
}

func serveIMAP(t *testing.T, boxes map[string]*testBox) *testServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &testServer{t: t, addr: l.Addr().String(), boxes: boxes}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			go s.serve(&turnConn{Conn: c, s: s, left: s.bound()})
		}
	}()
	return s
}

// cutAfter ends each of the first connections after so many octets; all, for 0 connections.
func (s *testServer) cutAfter(octets, connections int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit, s.first = octets, connections
}

// set changes what the server does.
func (s *testServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// said are the commands so far.
func (s *testServer) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard)
}

// turned is how many turns there were.
func (s *testServer) turned() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turns
}

func (s *testServer) bound() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit == 0 || s.first > 0 && int(s.conns.Load()) > s.first {
		return 1 << 60
	}
	return s.limit
}

// turnConn counts turns, and ends after so many octets.
type turnConn struct {
	net.Conn
	s     *testServer
	left  int
	wrote bool
}

func (c *turnConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err == nil && c.wrote && !strings.Contains(string(p[:n]), "LOGOUT") {
		c.wrote = false
		c.s.mu.Lock()
		c.s.turns++
		c.s.mu.Unlock()
	}
	return n, err
}

func (c *turnConn) Write(p []byte) (int, error) {
	c.wrote = true
	k := min(len(p), c.left)
	c.left -= k
	c.Conn.Write(p[:k])
	if k < len(p) {
		c.Close()
		return k, io.ErrShortWrite
	}
	return k, nil
}

// session is one connection.
type session struct {
	s   *testServer
	c   *turnConn
	w   *bufio.Writer
	box *testBox
	end bool

	stalled bool
	later   string // replies of commands that are done together
}

func (s *testServer) serve(c *turnConn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	x := &session{s: s, c: c, w: bufio.NewWriterSize(c, 1<<20)}
	x.say("* OK [CAPABILITY IMAP4rev1 SASL-IR ESEARCH AUTH=PLAIN] hi")
	x.w.Flush()
	in := bufio.NewReader(c)
	for !x.end {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		s.mu.Lock()
		line = strings.TrimRight(line, "\r\n")
		s.heard = append(s.heard, line)
		if s.hook != nil {
			s.hook(s, line)
		}
		if !x.stalled {
			x.command(line)
		}
		s.mu.Unlock()
		if in.Buffered() == 0 || x.end {
			x.w.WriteString(x.later)
			x.later = ""
			x.w.Flush()
		}
	}
}

func (x *session) say(format string, args ...any) { fmt.Fprintf(x.w, format+"\r\n", args...) }

func (x *session) command(line string) {
	tag, rest, _ := strings.Cut(line, " ")
	verb, args, _ := strings.Cut(rest, " ")
	if verb == "UID" {
		verb, args, _ = strings.Cut(args, " ")
	}
	switch {
	case verb == x.s.stall:
		x.stalled = true
	case verb == "AUTHENTICATE":
		more := ""
		if x.s.condStore {
			more = " CONDSTORE"
		}
		x.say("%s OK [CAPABILITY IMAP4rev1 ESEARCH%s] in", tag, more)
	case verb == "SELECT" || verb == "EXAMINE":
		name, _, _ := strings.Cut(args, " (")
		x.selectBox(tag, strings.Trim(name, `"`))
	case verb == "LOGOUT":
		x.end = true
	case x.box == nil:
		x.say("%s BAD no mailbox", tag)
	case verb == "SEARCH":
		x.search(tag, args)
	case verb == "FETCH":
		x.fetch(tag, args)
	default:
		x.say("%s OK %s", tag, verb)
	}
}

func (x *session) selectBox(tag, name string) {
	x.box = nil
	b := x.s.boxes[name]
	switch {
	case b == nil:
		x.say("%s NO [NONEXISTENT] no such mailbox", tag)
		return
	case b.refused != "":
		x.say("%s %s", tag, b.refused)
		return
	}
	x.box = b
	if b.highest > 0 {
		x.say("* OK [HIGHESTMODSEQ %d] ok", b.highest)
	}
	x.w.WriteString(b.sticky)
	x.say("* %d EXISTS\r\n* OK [UIDVALIDITY %d] ok\r\n* OK [UIDNEXT %d] ok\r\n%s OK [READ-ONLY] done", len(b.uids)+b.exists, b.validity, b.next, tag)
}

func (x *session) fetch(tag, args string) {
	set, items, _ := strings.Cut(args, " ")
	if !strings.Contains(items, "BODY") {
		x.fetchFlags(tag, set, items)
		return
	}
	for _, uid := range x.asked(set) {
		b := x.box
		if b.bye[uid] != 0 {
			b.bye[uid]--
			x.say("* BYE [UNAVAILABLE] going down")
			x.end = true
			return
		}
		if reply := b.no[uid]; reply != "" {
			x.say("%s %s", tag, reply)
			return
		}
		x.w.WriteString(b.extra[uid])
		if !b.omit[uid] {
			x.message(uid, items)
		}
		if x.end {
			return
		}
	}
	x.done("%s OK fetched", tag)
}

func (x *session) message(uid uint32, items string) {
	b := x.box
	text, section := b.text[uid], "BODY[]"
	if strings.Contains(items, "HEADER") {
		head, _, _ := strings.Cut(text, "\r\n\r\n")
		text, section = head+"\r\n\r\n", "BODY[HEADER]"
	}
	size := len(b.text[uid])
	if b.size[uid] != 0 {
		size = b.size[uid]
	}
	about := fmt.Sprintf(`UID %d FLAGS (%s) INTERNALDATE "01-Jan-2026 00:00:%02d +0000"`, uid, b.flags[uid], uid%60)
	content := fmt.Sprintf("RFC822.SIZE %d %s {%d}\r\n%s", size, section, len(text), text)
	if e := b.empty[uid]; e != "" {
		content = fmt.Sprintf("RFC822.SIZE %d %s %s", size, section, e)
	}
	if b.cut[uid] != 0 {
		b.cut[uid]--
		fmt.Fprintf(x.w, "* 1 FETCH (%s %s", about, content[:len(content)-10])
		x.end = true
		return
	}
	if x.s.late {
		about, content = content, about
	}
	x.say("* 1 FETCH (%s %s)", about, content)
}
