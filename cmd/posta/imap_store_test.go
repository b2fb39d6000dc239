package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// storingServer is an IMAP4 server for appending, which keeps what it has stored over all connections, and ends these where a test
// wants it.
type storingServer struct {
	caps    string
	strange bool               // it adds a field to each message
	says    func(conn int) int // after how many octets of its own a connection ends; 0: it does not
	hears   func(conn int) int // after how many of the client's; what is not whole then is not stored
	blind   bool               // a connection that ends says nothing more, but what was sent over it is done

	poison string // it ends the connection when it has heard this message

	mu     sync.Mutex
	stored []string // UID is the index and 1
	spoken [][2]int // octets said and heard, by connection
}

var errCut = errors.New("the connection is cut")

// start serves, and tells the address.
func (s *storingServer) start(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			c := &storingConn{storingServer: s, n: len(s.spoken), conn: conn, in: bufio.NewReader(conn), maySay: -1, mayHear: -1}
			s.spoken = append(s.spoken, [2]int{})
			s.mu.Unlock()
			if s.says != nil && s.says(c.n) > 0 {
				c.maySay = s.says(c.n)
			}
			if s.hears != nil && s.hears(c.n) > 0 {
				c.mayHear = s.hears(c.n)
			}
			served.Go(func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(time.Minute))
				for c.command() == nil {
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		served.Wait()
	})
	return l.Addr().String()
}

// storingConn is one of its connections.
type storingConn struct {
	*storingServer
	n               int
	conn            net.Conn
	in              *bufio.Reader
	maySay, mayHear int // octets; <0: any
	greeted         bool
	mute            bool
}

func (c *storingConn) say(format string, args ...any) error {
	if c.mute {
		return nil
	}
	text := fmt.Sprintf(format, args...) + "\r\n"
	cut := c.maySay >= 0 && len(text) >= c.maySay
	if cut {
		text = text[:c.maySay]
	}
	if c.maySay >= 0 {
		c.maySay -= len(text)
	}
	c.spoke(len(text), 0)
	_, err := io.WriteString(c.conn, text)
	if cut && c.blind {
		c.mute = true
		return c.conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond)) // what is on its way comes
	}
	if err != nil || cut {
		return errCut
	}
	return nil
}

// hear reads n octets, or a line.
func (c *storingConn) hear(n int) (string, error) {
	var b []byte
	for len(b) < n || n < 0 && !strings.HasSuffix(string(b), "\r\n") {
		if c.mayHear == 0 {
			return "", errCut
		}
		octet, err := c.in.ReadByte()
		if err != nil {
			return "", err
		}
		b = append(b, octet)
		c.mayHear--
	}
	c.spoke(0, len(b))
	return string(b), nil
}

func (c *storingConn) spoke(said, heard int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spoken[c.n][0] += said
	c.spoken[c.n][1] += heard
}

// dialogues are the octets that were said and heard over each connection.
func (s *storingServer) dialogues() [][2]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][2]int{}, s.spoken...)
}

// command does one command.
func (c *storingConn) command() error {
	if !c.greeted {
		c.greeted = true
		return c.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi")
	}
	line, err := c.hear(-1)
	if err != nil {
		return err
	}
	tag, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
	switch name, _, _ := strings.Cut(rest, " "); name {
	case "AUTHENTICATE":
		return c.say("%s OK [CAPABILITY IMAP4rev1 %s] in", tag, c.caps)
	case "STATUS":
		if err := c.say("* STATUS INBOX (UIDNEXT %d UIDVALIDITY 7)", c.next()); err != nil {
			return err
		}
	case "EXAMINE":
		for _, text := range []string{fmt.Sprintf("* %d EXISTS", c.next()-1), "* OK [UIDVALIDITY 7] .", fmt.Sprintf("* OK [UIDNEXT %d] .", c.next())} {
			if err := c.say("%s", text); err != nil {
				return err
			}
		}
	case "APPEND":
		return c.append(tag, rest)
	case "UID":
		if err := c.uid(rest); err != nil {
			return err
		}
	case "LOGOUT":
		return errCut
	}
	return c.say("%s OK .", tag)
}

func (c *storingConn) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.stored) + 1
}

// append stores all messages of one command, or none.
func (c *storingConn) append(tag, line string) error {
	var messages []string
	for literal := regexp.MustCompile(`\{(\d+)(\+?)\}$`); ; {
		m := literal.FindStringSubmatch(line)
		if m == nil {
			break
		}
		if m[2] == "" {
			if err := c.say("+ go on"); err != nil {
				return err
			}
		}
		size, _ := strconv.Atoi(m[1])
		text, err := c.hear(size)
		if err != nil {
			return err
		}
		if text == c.poison {
			return errCut
		}
		if c.strange {
			text = "X-Seen: by a server\r\n" + text
		}
		messages = append(messages, text)
		if line, err = c.hear(-1); err != nil {
			return err
		}
		line = strings.TrimSuffix(line, "\r\n")
	}
	c.mu.Lock()
	first := len(c.stored) + 1
	c.stored = append(c.stored, messages...)
	last := len(c.stored)
	c.mu.Unlock()
	if !strings.Contains(c.caps, "UIDPLUS") {
		return c.say("%s OK .", tag)
	}
	return c.say("%s OK [APPENDUID 7 %d:%d] .", tag, first, last)
}

// uid tells of messages: all from a UID on, or those that have a Message-ID.
func (c *storingConn) uid(line string) error {
	c.mu.Lock()
	stored := append([]string{}, c.stored...)
	c.mu.Unlock()
	if m := regexp.MustCompile(`^UID FETCH (\d+):\* \(UID RFC822.SIZE BODY.PEEK\[HEADER\]\)$`).FindStringSubmatch(line); m != nil {
		first, _ := strconv.Atoi(m[1])
		for uid := max(1, min(first, len(stored))); uid <= len(stored); uid++ {
			header, _, _ := strings.Cut(stored[uid-1], "\r\n\r\n")
			header += "\r\n\r\n"
			if err := c.say("* %d FETCH (UID %d RFC822.SIZE %d BODY[HEADER] {%d}\r\n%s)", uid, uid, len(stored[uid-1]), len(header), header); err != nil {
				return err
			}
		}
		return nil
	}
	found := "* SEARCH"
	if m := regexp.MustCompile(`^UID SEARCH HEADER "Message-ID" "(.*)"$`).FindStringSubmatch(line); m != nil {
		for i, text := range stored {
			if strings.Contains(text, "Message-ID: <"+m[1]) || strings.Contains(text, "Message-ID: "+m[1]) {
				found += " " + strconv.Itoa(i+1)
			}
		}
	}
	return c.say("%s", found)
}
