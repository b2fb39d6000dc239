package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"posta/fetch"
)

const (
	crowdBound  = 56 << 10 // KiB; DESIGN's bound is 64 MiB, of which a test's program needs some more
	crowdLetter = "Subject: x\r\nFrom: ann@example.org\r\n\r\nx\r\n"
)

// crowd is how many letters there are. The race detector has no idea of small memory.
func crowd() int {
	if underRace {
		return 1 << 13
	}
	return 1 << 19
}

// crowdedServer is a POP3 server with a crowd of letters.
type crowdedServer struct {
	mu      sync.Mutex // held during a session
	letters int
	unsized bool   // LIST tells no sizes
	salt    string // of the unique-ids
	out     *bufio.Writer
	deleted int
}

// start serves one session at a time.
func (s *crowdedServer) start(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(bufio.NewReaderSize(conn, 64<<10), bufio.NewWriterSize(conn, 64<<10))
			conn.Close()
		}
	}()
	return l.Addr().String()
}

func (s *crowdedServer) serve(in *bufio.Reader, out *bufio.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out, s.deleted = out, 0
	fmt.Fprint(s.out, "+OK\r\n")
	for {
		if in.Buffered() == 0 {
			s.out.Flush()
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		s.answer(strings.TrimSpace(line))
		if strings.HasPrefix(line, "QUIT") {
			s.out.Flush()
			return
		}
	}
}

func (s *crowdedServer) answer(line string) {
	switch verb, _, _ := strings.Cut(line, " "); verb {
	case "CAPA":
		fmt.Fprint(s.out, "+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n")
	case "STAT":
		fmt.Fprintf(s.out, "+OK %d %d\r\n", s.letters, s.letters*len(crowdLetter))
	case "LIST":
		fmt.Fprint(s.out, "+OK\r\n")
		for i := range s.letters {
			if fmt.Fprintf(s.out, "%d", i+1); !s.unsized {
				fmt.Fprintf(s.out, " %d", len(crowdLetter))
			}
			fmt.Fprint(s.out, "\r\n")
		}
		fmt.Fprint(s.out, ".\r\n")
	case "UIDL":
		fmt.Fprint(s.out, "+OK\r\n")
		for i := range s.letters {
			fmt.Fprintf(s.out, "%d %s\r\n", i+1, s.uid(i))
		}
		fmt.Fprint(s.out, ".\r\n")
	case "RETR", "TOP":
		fmt.Fprintf(s.out, "+OK\r\n%s.\r\n", crowdLetter)
	default:
		s.out.WriteString("+OK\r\n")
		if verb == "DELE" {
			s.deleted++
		}
	}
}

// rename gives all letters other unique-ids.
func (s *crowdedServer) rename(salt string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.salt = salt
}

// uid is the unique-id of a letter: of 70 octets, RFC 1939 §7's most, which cannot be made shorter.
func (s *crowdedServer) uid(i int) string {
	sum := sha256.Sum256(fmt.Append(nil, s.salt, i))
	return hex.EncodeToString(append(sum[:], sum[:3]...))
}

// crowdedRun runs posta pop against the server, and gives how many lines it printed.
func crowdedRun(t *testing.T, addr string, args ...string) (lines int) {
	t.Helper()
	start := time.Now()
	cmd := exec.Command("posta", append(append([]string{"pop"}, args...), "-a", "pop3://u@"+addr)...)
	cmd.Env = append(os.Environ(), "POSTA_PASSWORD=p", "GOMEMLIMIT=", "XDG_STATE_HOME="+t.TempDir())
	count := &lineCounter{}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = count, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	most, err := mostMemory(cmd.Process.Pid, done)
	if err != nil {
		t.Fatalf("%s: %v: %.500s", args, err, said.String())
	}
	t.Logf("%d KiB, %v: %s", most, time.Since(start).Round(time.Millisecond), args)
	if most > crowdBound && !underRace {
		t.Errorf("%s: %d KiB", args, most)
	}
	return count.n
}

// mostMemory is how many KiB of memory a process has had at most when it ends. What wait4 tells is no less than what this process
// here had when it began the other.
func mostMemory(pid int, done <-chan error) (most int, err error) {
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
			fmt.Sscan(rest, &most)
		}
		select {
		case err := <-done:
			return most, err
		case <-time.After(2 * time.Millisecond):
		}
	}
}

type lineCounter struct{ n int }

func (c *lineCounter) Write(p []byte) (int, error) {
	c.n += bytes.Count(p, []byte("\n"))
	return len(p), nil
}

// TestPopCrowded: half a million letters, each with the longest unique-id, need no more memory than any mailbox may.
func TestPopCrowded(t *testing.T) {
	s := &crowdedServer{letters: crowd()}
	addr := s.start(t)
	dir := t.TempDir()
	get := []string{"get", "--new", "--to", "maildir:" + dir}
	if n := crowdedRun(t, addr, append(get, "-n")...); n != crowd() {
		t.Errorf("%d letters would come", n)
	}
	if n := crowdedRun(t, addr, "list"); n != crowd() {
		t.Errorf("%d letters are listed", n)
	}
	if n := crowdedRun(t, addr, "get", "--new", "--stream", "mboxrd"); n < crowd() {
		t.Errorf("%d lines of letters", n)
	}
	if n := crowdedRun(t, addr, "list", "from ann"); n != crowd() {
		t.Errorf("%d letters are found", n)
	}
	writeCrowdedState(t, dir, addr, s)
	if n := crowdedRun(t, addr, get...); n != 0 {
		t.Errorf("%d lines, though all is known", n)
	}
	s.rename("others")
	if n := crowdedRun(t, addr, append(get, "-n")...); n != crowd() {
		t.Errorf("%d other letters would come", n)
	}
	s.rename("")
	crowdedRun(t, addr, "get", "--delete", "--to", "maildir:"+dir)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deleted != crowd() {
		t.Errorf("%d deleted", s.deleted)
	}
}

// TestPopTooCrowded: more letters than are listed at a time are told, and come in parts.
func TestPopTooCrowded(t *testing.T) {
	s := &crowdedServer{letters: 1<<19 + 1}
	addr := s.start(t)
	cmd := exec.Command("posta", "pop", "list", "-a", "pop3://u@"+addr)
	cmd.Env = append(os.Environ(), "POSTA_PASSWORD=p")
	said, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitUnavailable || !bytes.Contains(said, []byte("in parts")) {
		t.Errorf("%v: %.200s", err, said)
	}
	cmd = exec.Command("posta", "pop", "list", "-a", "pop3://u@"+addr, "1-500000")
	cmd.Env = append(os.Environ(), "POSTA_PASSWORD=p", "TMPDIR="+t.TempDir()+"/none")
	if said, err := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != exitCantCreate {
		t.Errorf("without room for unique-ids: %v: %.200s", err, said)
	}
	if n := crowdedRun(t, addr, "list", "524280-"); n != 10 {
		t.Errorf("%d letters", n)
	}
}

// TestPopUnsized: a query does not take a size that is not known for one that fits.
func TestPopUnsized(t *testing.T) {
	s := &crowdedServer{letters: 3, unsized: true}
	addr := s.start(t)
	if n := crowdedRun(t, addr, "list", "larger 10"); n != 3 {
		t.Errorf("%d letters", n)
	}
	cmd := exec.Command("posta", "pop", "delete", "-a", "pop3://u@"+addr, "larger 1M")
	cmd.Env = append(os.Environ(), "POSTA_PASSWORD=p")
	if said, err := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != exitNegative {
		t.Errorf("%v: %s", err, said)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deleted != 0 {
		t.Errorf("%d deleted", s.deleted)
	}
}

// writeCrowdedState writes the state of a run that fetched all.
func writeCrowdedState(t *testing.T, dir, addr string, s *crowdedServer) {
	t.Helper()
	source := "pop3-u@" + addr
	path, err := fetch.StatePath("maildir:"+dir, source, "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "posta-state 1 %s\n", source)
	for i := range s.letters {
		fmt.Fprintf(w, "+ %d %s %d\n", time.Now().Unix(), s.uid(i), len(crowdLetter))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
