package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"posta/internal/realserver"
)

// mpop is mpop delivering to a Maildir.
func mpop(b *testing.B, addr, user, dir string, n int, keep string) *runner {
	b.Helper()
	host, port, _ := net.SplitHostPort(addr)
	conf := filepath.Join(b.TempDir(), "mpoprc")
	text := fmt.Sprintf("account a\nhost %s\nport %s\nuser %s\npassword secret\ntls off\nauth user\ndelivery maildir %s\nkeep %s\nuidls_file %s\nreceived_header off\n",
		host, port, user, dir, keep, filepath.Join(dir, "uidls"))
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	r := peer(b, "mpop", "mpop", "-q", "-C", conf, "a")
	r.done = func() error { return holds(dir, n) }
	r.before = func() {
		os.RemoveAll(dir)
		for _, sub := range []string{"cur", "new", "tmp"} {
			os.MkdirAll(filepath.Join(dir, sub), 0o755)
		}
	}
	return r
}

// curl is curl fetching one message after the other into files, which it does not sync.
func curl(b *testing.B, url, user, dir string, n int) *runner {
	r := peer(b, "curl", "curl", "-s", "-u", user+":secret", url, "-o", filepath.Join(dir, "new", "#1"))
	r.before = func() {
		os.RemoveAll(dir)
		os.MkdirAll(filepath.Join(dir, "new"), 0o755)
	}
	r.done = func() error { return holds(dir, n) }
	return r
}

// popGet is posta fetching over POP3 into a new Maildir.
func popGet(b *testing.B, addr, user, dir string, n int, args ...string) *runner {
	r := posta(b, append([]string{"pop", "get", "-a", "pop3://" + user + "@" + addr, "--to", "maildir:" + dir}, args...)...)
	r.done = func() error { return holds(dir, n) }
	r.before = emptied(dir)
	return r
}

// BenchmarkPOPKeep fetches 5,000 letters of 8 KiB into a Maildir, and 1,000 at a round trip of 50 ms.
func BenchmarkPOPKeep(b *testing.B) {
	d := realserver.StartDovecot(b)
	ours, theirs := filepath.Join(b.TempDir(), "m"), filepath.Join(b.TempDir(), "m")
	b.Run("near", func(b *testing.B) {
		const n = 5000
		fill(b, d, "near", "", n, 8<<10)
		race(b, nil, popGet(b, d.POP3, "near", ours, n), mpop(b, d.POP3, "near", theirs, n, "on"),
			curl(b, fmt.Sprintf("pop3://%s/[1-%d]", d.POP3, n), "near", theirs, n))
	})
	b.Run("far", func(b *testing.B) {
		const n = 1000
		fill(b, d, "far", "", n, 8<<10)
		w := stretch(b, d.POP3, roundTrip)
		race(b, w, popGet(b, w.addr, "far", ours, n), mpop(b, w.addr, "far", theirs, n, "on"))
	})
}

// BenchmarkPOPDelete fetches and deletes 1,000 letters of 8 KiB at a round trip of 50 ms.
func BenchmarkPOPDelete(b *testing.B) {
	const n = 1000
	d := realserver.StartDovecot(b)
	fill(b, d, "ann", "", n, 8<<10)
	box, kept := filepath.Join(d.Path("mail"), "ann"), b.TempDir()
	copied(b, box+"/.", kept)
	w := stretch(b, d.POP3, roundTrip)
	ours, theirs := filepath.Join(b.TempDir(), "m"), filepath.Join(b.TempDir(), "m")
	posta, mpop := popGet(b, w.addr, "ann", ours, n, "--delete"), mpop(b, w.addr, "ann", theirs, n, "off")
	for _, r := range []*runner{posta, mpop} {
		before := r.before
		r.before = func() {
			before()
			os.RemoveAll(box)
			copied(b, kept, box)
		}
	}
	race(b, w, posta, mpop)
}

// copied copies a folder with its owners.
func copied(b *testing.B, from, to string) {
	b.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
}
