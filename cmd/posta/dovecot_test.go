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
protocols = pop3 imap
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
    port = POP3PORT
  }
  inet_listener pop3s {
    port = 0
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = IMAPPORT
  }
  inet_listener imaps {
    port = 0
  }
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Trash {
    auto = create
    special_use = \Trash
  }
}
service anvil {
  chroot =
}
`

// dovecot is a Dovecot of its own, where any user logs in with "secret".
type dovecot struct {
	dir      string
	addr     string // of POP3
	imap     string // of IMAP4
	uid, gid int
}

// realServer finds a program of a real server. Where it is absent the test is skipped, unless the servers are required.
func realServer(t testing.TB, name string) string {
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

// startDovecot starts one, with settings beside those of dovecotConf.
func startDovecot(t testing.TB, settings ...string) *dovecot {
	t.Helper()
	program := realServer(t, "dovecot")
	d := &dovecot{dir: t.TempDir(), addr: freeAddress(t), imap: freeAddress(t), uid: os.Getuid(), gid: os.Getgid()}
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
	_, pop, _ := net.SplitHostPort(d.addr)
	_, imap, _ := net.SplitHostPort(d.imap)
	conf := strings.NewReplacer("DIR", d.dir, "POP3PORT", pop, "IMAPPORT", imap, "OWN", own, "UID", fmt.Sprint(d.uid), "GID", fmt.Sprint(d.gid)).Replace(dovecotConf + strings.Join(settings, "\n"))
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
		if listens(d.addr) && listens(d.imap) {
			return d
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	t.Fatalf("no Dovecot at %s: %s%s", d.addr, log, said.String())
	return nil
}

// freeAddress is one on loopback where nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func listens(addr string) bool {
	c, err := net.Dial("tcp", addr)
	if err == nil {
		c.Close()
	}
	return err == nil
}

func (d *dovecot) own(t testing.TB, path string) {
	t.Helper()
	if err := os.Chown(path, d.uid, d.gid); err != nil {
		t.Fatal(err)
	}
}

// fill gives a user letters that differ. It returns their checksums, as they come over POP3.
func (d *dovecot) fill(t testing.TB, name string, n int) map[[32]byte]bool {
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
		text := fmt.Sprintf("From: ann@example.org\r\nSubject: %s %d\r\n\r\n.%s\r\n..\r\n", name, i, strings.Repeat("line of text\r\n", rand.IntN(500)))
		path := fmt.Sprintf("%s/new/%d.%d.host", box, 1000000000+i, i)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		d.own(t, path)
		sums[sha256.Sum256([]byte(text))] = true
	}
	return sums
}
