package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const dovecotConf = `base_dir = DIR/run
state_dir = DIR/run
log_path = DIR/log
protocols = pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
OWN
first_valid_uid = 1
mail_fsync = never
mail_location = maildir:DIR/mail/%u
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/home/%u
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = PORT
  }
  inet_listener pop3s {
    port = 0
  }
}
service anvil {
  chroot =
}
`

// dovecot is a Dovecot of its own, where any user logs in with "secret".
type dovecot struct {
	dir, addr string
	uid, gid  int
}

// realServer finds a program of a real server. Where it is absent the test is skipped, unless the servers are required.
func realServer(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin", "/sbin") {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	if os.Getenv("POSTA_REAL_SERVERS") == "require" {
		t.Fatal(name + " is not installed")
	}
	t.Skip(name + " is not installed")
	return ""
}

func startDovecot(t *testing.T) *dovecot {
	t.Helper()
	program := realServer(t, "dovecot")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &dovecot{dir: t.TempDir(), addr: l.Addr().String(), uid: os.Getuid(), gid: os.Getgid()}
	l.Close()
	own := ""
	if d.uid == 0 {
		if u, err := user.Lookup("mail"); err == nil {
			fmt.Sscan(u.Uid, &d.uid)
			fmt.Sscan(u.Gid, &d.gid)
		}
	} else {
		u, err := user.Current()
		if err != nil {
			t.Fatal(err)
		}
		own = "default_internal_user = " + u.Username + "\ndefault_login_user = " + u.Username
		if g, err := user.LookupGroupId(u.Gid); err == nil {
			own += "\ndefault_internal_group = " + g.Name
		}
	}
	for dir := d.dir; dir != filepath.Clean(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
		os.Chmod(dir, 0o755) // Dovecot's user goes through
	}
	for _, sub := range []string{"run", "mail", "home"} {
		if err := os.Mkdir(filepath.Join(d.dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
		if sub != "run" {
			d.own(t, filepath.Join(d.dir, sub))
		}
	}
	_, port, _ := net.SplitHostPort(d.addr)
	conf := strings.NewReplacer("DIR", d.dir, "PORT", port, "OWN", own, "UID", fmt.Sprint(d.uid), "GID", fmt.Sprint(d.gid)).Replace(dovecotConf)
	path := filepath.Join(d.dir, "dovecot.conf")
	if err := os.WriteFile(path, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.Command(program, "-F", "-c", path)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &said, &said, time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	for range 200 {
		if c, err := net.Dial("tcp", d.addr); err == nil {
			c.Close()
			return d
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	t.Fatalf("no Dovecot at %s: %s%s", d.addr, log, said.String())
	return nil
}

func (d *dovecot) own(t *testing.T, path string) {
	t.Helper()
	if err := os.Chown(path, d.uid, d.gid); err != nil {
		t.Fatal(err)
	}
}

// fill gives a user letters that differ. It returns their checksums, as they come over POP3.
func (d *dovecot) fill(t *testing.T, name string, n int) map[[32]byte]bool {
	t.Helper()
	sums := map[[32]byte]bool{}
	box := filepath.Join(d.dir, "mail", name)
	for _, dir := range []string{box, box + "/cur", box + "/new", box + "/tmp"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		d.own(t, dir)
	}
	for i := range n {
		text := fmt.Sprintf("From: ann@example.org\r\nSubject: %d\r\n\r\n.%s\r\n..\r\n", i, strings.Repeat("line of text\r\n", rand.IntN(500)))
		path := fmt.Sprintf("%s/new/%d.%d.host", box, 1000000000+i, i)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		d.own(t, path)
		sums[sha256.Sum256([]byte(text))] = true
	}
	return sums
}

// pop runs posta pop get into the Maildir dir, and kills it after a while, where that is not 0.
func (d *dovecot) pop(t *testing.T, name, dir string, kill time.Duration, flags ...string) error {
	t.Helper()
	cmd := exec.Command("posta", append([]string{"pop", "get", "-a", "pop3://" + name + "@" + d.addr, "--to", "maildir:" + dir}, flags...)...)
	cmd.Env = append(os.Environ(), "POSTA_PASSWORD=secret")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if kill > 0 {
		defer time.AfterFunc(kill, func() { cmd.Process.Kill() }).Stop()
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, said.String())
	}
	return nil
}

// check fails unless the Maildir has each of the letters once, as far as all says that they must have come.
func check(t *testing.T, dir string, sums map[[32]byte]bool, all bool) {
	t.Helper()
	seen := map[[32]byte]bool{}
	paths, _ := filepath.Glob(filepath.Join(dir, "new", "*"))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if !sums[sum] {
			t.Errorf("%s is not a letter: %d octets", path, len(text))
		}
		if seen[sum] {
			t.Errorf("%s came twice", path)
		}
		seen[sum] = true
	}
	if all && len(seen) != len(sums) {
		t.Errorf("%d of %d letters", len(seen), len(sums))
	}
}

// TestPopDovecot fetches from a real Dovecot: kept, and nothing twice; then deleted.
func TestPopDovecot(t *testing.T) {
	d := startDovecot(t)
	sums := d.fill(t, "keep", 300)
	dir := t.TempDir()
	for range 2 {
		if err := d.pop(t, "keep", dir, 0, "--new"); err != nil {
			t.Fatal(err)
		}
		check(t, dir, sums, true)
	}
	if err := d.pop(t, "keep", dir, 0, "--delete"); err != nil {
		t.Fatal(err)
	}
	check(t, dir, sums, true)
	if left, _ := filepath.Glob(d.dir + "/mail/keep/*/*host*"); len(left) > 0 {
		t.Errorf("%d letters are left on the server", len(left))
	}
}

// TestPopKilled kills posta pop get --delete at random, again and again: nothing is lost, in part, or twice.
func TestPopKilled(t *testing.T) {
	d := startDovecot(t)
	runs := 6
	if testing.Short() {
		runs = 2
	}
	for run := range runs {
		name, dir := fmt.Sprintf("killed%d", run), t.TempDir()
		sums := d.fill(t, name, 400)
		for kill := range 3 {
			d.pop(t, name, dir, 10*time.Millisecond+rand.N(200*time.Millisecond), "--delete")
			check(t, dir, sums, false)
			if t.Failed() {
				t.Fatalf("run %d, after kill %d", run, kill+1)
			}
		}
		for range 100 { // the mailbox may be in use until Dovecot sees that nobody is there
			err := d.pop(t, name, dir, 0, "--delete")
			if err == nil {
				break
			}
			if !strings.Contains(err.Error(), "IN-USE") {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond)
		}
		check(t, dir, sums, true)
	}
}
