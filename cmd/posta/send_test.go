package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/emersion/go-smtp"

	"posta/internal/sandbox"
)

func startTestSandbox(t *testing.T, opt sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	sb, err := sandbox.Start(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sb.Close(); err != nil {
			t.Error(err)
		}
	})
	return sb
}

// caught lists the recipients of the letters that sb has, one string for each letter.
func caught(t *testing.T, sb *sandbox.Sandbox) (to []string) {
	t.Helper()
	list, err := sb.List(sandbox.Match{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		to = append(to, strings.Join(m.To, ","))
	}
	return to
}

// post runs posta send with standard input r.
func post(ctx context.Context, r io.Reader, args ...string) (status int, stdout, stderr string) {
	var out, complaints bytes.Buffer
	e := &env{stdin: r, stdout: &out, stderr: &complaints, getenv: func(string) string { return "" }, now: time.Now}
	e.out = newOutput(e)
	status = run(ctx, e, append([]string{"posta", "send"}, args...))
	return status, out.String(), complaints.String()
}

// numbered is an mbox whose letters go to n0@example.org, n1@example.org...
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "From x Mon Nov  2 10:00:00 2026\nFrom: ann@example.org\nTo: n%d@example.org\nSubject: %d\n\ntext\n\n", i, i)
	}
	return b.String()
}

var errBroken = errors.New("the pipe broke")

// TestBrokenInput: a read error never makes a shorter letter, wherever it comes.
func TestBrokenInput(t *testing.T) {
	sb := startTestSandbox(t, sandbox.Options{})
	to := "smtp://" + sb.SMTPAddr()
	letter := "From: ann@example.org\nTo: bob@example.org\nSubject: x\n\none\ntwo\n"
	for cut := range len(letter) + 1 {
		for _, args := range [][]string{{"-a", to}, {"-a", to, "-s", "made", "bob@example.org"}, {"-a", to, "-A", "-:name", "bob@example.org"}} {
			in := io.MultiReader(strings.NewReader(letter[:cut]), iotest.ErrReader(errBroken))
			if status, _, stderr := post(context.Background(), in, args...); status != exitIOErr || !strings.Contains(stderr, errBroken.Error()) {
				t.Fatalf("cut at %d, %q: status %d, %s", cut, args, status, stderr)
			}
		}
	}
	if got := caught(t, sb); got != nil {
		t.Errorf("letters went out: %v", got)
	}
}

// TestBrokenStream: letters before the read error go out, the one that it cuts does not.
func TestBrokenStream(t *testing.T) {
	sb := startTestSandbox(t, sandbox.Options{})
	text := numbered(3)
	third := strings.LastIndex(text, "From x")
	for _, c := range []struct{ cut, want int }{
		{3, 0}, {third / 2, 0}, {third/2 + 60, 1}, {third - 1, 1}, {third, 1}, {third + 3, 1}, {third + 40, 2}, {len(text) - 1, 2}, {len(text), 2},
	} {
		if err := sb.Reset(); err != nil {
			t.Fatal(err)
		}
		in := io.MultiReader(strings.NewReader(text[:c.cut]), iotest.ErrReader(errBroken))
		status, _, stderr := post(context.Background(), in, "-a", "smtp://"+sb.SMTPAddr(), "--stream", "mboxrd")
		if status != exitIOErr || !strings.Contains(stderr, errBroken.Error()) {
			t.Errorf("cut at %d: status %d, %s", c.cut, status, stderr)
		}
		if got := caught(t, sb); len(got) != c.want {
			t.Errorf("cut at %d: got %v, want %d letters", c.cut, got, c.want)
		}
	}
}

// TestInterrupted: letters in flight get their replies; the journal knows them, and the same job sends the rest.
func TestInterrupted(t *testing.T) {
	sb := startTestSandbox(t, sandbox.Options{})
	const letters = 300
	journal := filepath.Join(t.TempDir(), "journal")
	args := []string{"-a", "smtp://" + sb.SMTPAddr(), "--stream", "mboxrd", "--journal", journal, "--jobs", "2"}
	ctx, interrupt := context.WithCancel(context.Background())
	in := &interrupting{r: strings.NewReader(numbered(letters)), after: 5000, interrupt: interrupt}
	status, _, stderr := post(ctx, in, args...)
	if status != exitInterrupted {
		t.Errorf("status %d, want 130; %s", status, stderr)
	}
	if n := len(caught(t, sb)); n == letters {
		t.Errorf("all %d letters went out", n)
	}
	if status, _, stderr := post(context.Background(), strings.NewReader(numbered(letters)), args...); status != exitOK || stderr != "" {
		t.Errorf("again: status %d, %s", status, stderr)
	}
	wantOnce(t, sb, letters)
}

// interrupting interrupts after so many octets were read.
type interrupting struct {
	r         io.Reader
	after     int
	interrupt func()
}

func (i *interrupting) Read(p []byte) (int, error) {
	if i.after < 0 {
		i.interrupt()
	}
	n, err := i.r.Read(p[:min(len(p), 1000)])
	i.after -= n
	return n, err
}

// wantOnce fails unless each of the letters was caught, and once.
func wantOnce(t *testing.T, sb *sandbox.Sandbox, letters int) {
	t.Helper()
	count := map[string]int{}
	for _, to := range caught(t, sb) {
		count[to]++
	}
	for i := range letters {
		if to := fmt.Sprintf("n%d@example.org", i); count[to] != 1 {
			t.Errorf("%s got %d letters", to, count[to])
		}
	}
}

// TestKilled kills the program while it sends, again and again. With its journal nothing is lost, and what is sent
// twice was named.
func TestKilled(t *testing.T) {
	sb := startTestSandbox(t, sandbox.Options{})
	const letters = 400
	dir := t.TempDir()
	box := filepath.Join(dir, "box")
	if err := os.WriteFile(box, []byte(numbered(letters)), 0o600); err != nil {
		t.Fatal(err)
	}
	named := 0
	for try := range 100 {
		cmd := exec.Command(os.Args[0], "send", "-a", "smtp://"+sb.SMTPAddr(), "--stream", "mboxrd", "--journal", filepath.Join(dir, "journal"))
		cmd.Args[0] = "posta"
		in, err := os.Open(box)
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		cmd.Stdin, cmd.Stderr = in, &stderr
		mark := sb.Mark()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if try < 5 {
			// Killed when the server has some letters more, whenever that is.
			if _, err := sb.Wait(context.Background(), sandbox.Match{Since: mark}, 20); err != nil {
				t.Fatal(err)
			}
			cmd.Process.Kill()
		}
		err = cmd.Wait()
		in.Close()
		named += strings.Count(stderr.String(), "may have been delivered before")
		if err == nil {
			break
		}
		if try >= 5 {
			t.Fatalf("try %d: %v\n%s", try, err, stderr.String())
		}
	}
	got := caught(t, sb)
	if len(got) > letters+named {
		t.Errorf("%d letters came, %d were named as in doubt", len(got), named)
	}
	seen := map[string]bool{}
	for _, to := range got {
		seen[to] = true
	}
	if len(seen) != letters {
		t.Errorf("%d of %d letters came", len(seen), letters)
	}
}

// TestInterruptedInput: an interruption ends the wait for input that does not come.
func TestInterruptedInput(t *testing.T) {
	for _, args := range [][]string{{}, {"--text"}, {"--stream", "mboxrd"}} {
		r, w := io.Pipe()
		ctx, interrupt := context.WithCancel(context.Background())
		go func() {
			io.WriteString(w, "From a@b Mon Nov  2 10:00:00 2026\nFrom: a@b\n")
			interrupt()
		}()
		if len(args) < 2 {
			args = append(args, "b@example.org")
		}
		status, _, stderr := post(ctx, r, append(args, "-a", "smtp://127.0.0.1:1")...)
		if status != exitInterrupted {
			t.Errorf("%q: status %d, %s", args, status, stderr)
		}
		w.Close()
	}
}

// TestUnixSocket hands a letter to a mailbox server on a Unix socket (RFC 2033).
func TestUnixSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "posta") // t.TempDir's names may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", filepath.Join(dir, "lmtp"))
	if err != nil {
		t.Fatal(err)
	}
	var got lmtpMailbox
	server := smtp.NewServer(&got)
	server.LMTP = true
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	status, _, stderr := post(context.Background(), strings.NewReader("From: a@example.org\n\ntext\n"), "-a", "lmtp+unix://"+l.Addr().String(), "bob@example.org")
	if status != exitOK {
		t.Errorf("status %d: %s", status, stderr)
	}
	server.Close()
	<-served
	if !strings.HasPrefix(string(got), "From: a@example.org\r\n") {
		t.Errorf("got %q", got)
	}
}

// lmtpMailbox keeps the letter that it got last.
type lmtpMailbox []byte

func (m *lmtpMailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return m, nil }
func (m *lmtpMailbox) Reset()                                      {}
func (m *lmtpMailbox) Logout() error                               { return nil }
func (m *lmtpMailbox) Mail(string, *smtp.MailOptions) error        { return nil }
func (m *lmtpMailbox) Rcpt(string, *smtp.RcptOptions) error        { return nil }

func (m *lmtpMailbox) Data(r io.Reader) (err error) {
	*m, err = io.ReadAll(r)
	return err
}
