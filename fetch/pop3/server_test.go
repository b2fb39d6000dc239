package pop3

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is a POP3 server that does as it is told, for one user "u" with the password "p".
type server struct {
	capa    []string
	stamp   string
	letters []string
	refuse  map[string]string                          // command line → what is said instead of its reply
	size    func(int) int                              // announced
	cut     int                                        // the connection ends after so many octets that the server wrote; -1: never
	stall   bool                                       // ... or goes on, but says no more
	drip    time.Duration                              // between octets, from there
	auth    func(line string, say func(string) string) // AUTH's exchange: say sends a line and reads one, "" reads none

	mu       sync.Mutex
	commands []string
	deleted  map[int]bool // by QUIT
	listener net.Listener
	sessions sync.WaitGroup
	end      chan struct{}
}

func newServer(letters ...string) *server {
	return &server{capa: []string{"UIDL", "TOP", "USER", "PIPELINING", "RESP-CODES"}, letters: letters, cut: -1}
}

func (s *server) start(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener, s.end = l, make(chan struct{})
	s.sessions.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.sessions.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() {
		close(s.end)
		l.Close()
		s.sessions.Wait()
	})
	return l.Addr().String()
}

// heard is what the last session has come to. The race detector does not see that what a client reads was written before.
func (s *server) heard() (commands []string, deleted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands), len(s.deleted)
}

// wire is the server's end, which is cut where the script says so.
type wire struct {
	net.Conn
	s    *server
	left int
}

func (w *wire) Write(p []byte) (int, error) {
	if w.s.cut < 0 || len(p) <= w.left {
		w.left -= len(p)
		return w.Conn.Write(p)
	}
	w.Conn.Write(p[:w.left])
	rest := p[w.left:]
	w.left = 0
	switch {
	case w.s.drip > 0:
		return len(p), w.dripping(rest)
	case w.s.stall:
		<-w.s.end
	}
	w.Conn.Close()
	return 0, io.ErrClosedPipe
}

func (w *wire) dripping(p []byte) error {
	for i := range p {
		select {
		case <-time.After(w.s.drip):
		case <-w.s.end:
			return io.ErrClosedPipe
		}
		if _, err := w.Conn.Write(p[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) serve(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	out := bufio.NewWriterSize(&wire{c, s, s.cut}, 32<<10)
	defer out.Flush()
	in := bufio.NewReader(c)
	fmt.Fprintf(out, "+OK ready %s\r\n", s.stamp)
	deleted := map[int]bool{}
	for {
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.commands = append(s.commands, line)
		s.mu.Unlock()
		if said, ok := s.refuse[line]; ok {
			out.WriteString(said)
			continue
		}
		if s.auth != nil && strings.HasPrefix(line, "AUTH ") {
			s.auth(line, func(text string) string {
				out.WriteString(text + "\r\n")
				out.Flush()
				if !strings.HasPrefix(text, "+ ") {
					return ""
				}
				answer, _ := in.ReadString('\n')
				return strings.TrimRight(answer, "\r\n")
			})
			continue
		}
		s.answer(out, line, deleted)
		if strings.EqualFold(line, "QUIT") {
			s.mu.Lock()
			s.deleted = deleted
			s.mu.Unlock()
			return
		}
	}
}

func (s *server) answer(out *bufio.Writer, line string, deleted map[int]bool) {
	fields := strings.Fields(line)
	n := 0
	if len(fields) > 1 {
		n, _ = strconv.Atoi(fields[1])
	}
	switch verb := strings.ToUpper(fields[0]); {
	case verb == "CAPA" && s.capa == nil:
		out.WriteString("-ERR what?\r\n")
	case verb == "CAPA":
		fmt.Fprintf(out, "+OK\r\n%s\r\n.\r\n", strings.Join(s.capa, "\r\n"))
	case verb == "APOP":
		sum := md5.Sum([]byte(s.stamp + "p"))
		s.judge(out, line == "APOP u "+hex.EncodeToString(sum[:]))
	case verb == "PASS":
		s.judge(out, line == "PASS p")
	case verb == "LIST" && len(fields) == 1, verb == "UIDL" && len(fields) == 1:
		out.WriteString("+OK\r\n")
		for i := range s.letters {
			if verb == "UIDL" {
				fmt.Fprintf(out, "%d uid-%d\r\n", i+1, i+1)
			} else {
				fmt.Fprintf(out, "%d %d\r\n", i+1, s.announced(i))
			}
		}
		out.WriteString(".\r\n")
	case verb == "STAT":
		fmt.Fprintf(out, "+OK %d 4711\r\n", len(s.letters))
	case verb == "LAST":
		out.WriteString("+OK 1\r\n")
	case verb == "RETR" && n >= 1 && n <= len(s.letters):
		fmt.Fprintf(out, "+OK %d octets\r\n%s.\r\n", s.announced(n-1), stuff(s.letters[n-1]))
	case verb == "TOP" && n >= 1 && n <= len(s.letters):
		header, _, _ := strings.Cut(s.letters[n-1], "\r\n\r\n")
		fmt.Fprintf(out, "+OK\r\n%s\r\n\r\n.\r\n", stuff(header))
	case verb == "DELE":
		deleted[n] = true
		out.WriteString("+OK\r\n")
	case verb == "LANG" && n == 0 && len(fields) == 1:
		out.WriteString("+OK\r\nen English\r\nde Deutsch\r\n.\r\n")
	case verb == "USER", verb == "NOOP", verb == "QUIT", verb == "UTF8", verb == "LANG", verb == "RSET":
		out.WriteString("+OK\r\n")
	default:
		out.WriteString("-ERR what?\r\n")
	}
}

func (s *server) judge(out *bufio.Writer, right bool) {
	if right {
		out.WriteString("+OK\r\n")
	} else {
		out.WriteString("-ERR [AUTH] wrong\r\n")
	}
}

func (s *server) announced(i int) int {
	if s.size != nil {
		return s.size(i)
	}
	return len(s.letters[i])
}

// stuff is RFC 1939 §3.
func stuff(text string) string {
	if strings.HasPrefix(text, ".") {
		text = "." + text
	}
	return strings.ReplaceAll(text, "\r\n.", "\r\n..")
}
