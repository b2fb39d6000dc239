package bench

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"posta/internal/realserver"
)

// roundTrip is that of a server far away.
const roundTrip = 50 * time.Millisecond

// get is posta fetching into a Maildir, each time into a new one unless it is to find what came before.
func get(b *testing.B, addr, user, dir string, n int, args ...string) *runner {
	r := posta(b, append([]string{"imap", "get", "-a", "imap://" + user + "@" + addr, "--to", "maildir:" + dir}, args...)...)
	r.done = func() error { return holds(dir, n) }
	return r
}

// mbsync is mbsync pulling into a Maildir. It fsyncs unless told otherwise.
func mbsync(b *testing.B, name, addr, user, dir string, n int, general, patterns string) *runner {
	b.Helper()
	host, port, _ := net.SplitHostPort(addr)
	conf := filepath.Join(b.TempDir(), "mbsyncrc")
	text := fmt.Sprintf(`%s

IMAPAccount far
Host %s
Port %s
User %s
Pass secret
SSLType None
AuthMechs LOGIN

IMAPStore far
Account far

MaildirStore near
Path %[5]s/
Inbox %[5]s/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Create Near
Sync Pull
SyncState *
Patterns %[6]s
`, general, host, port, user, dir, patterns)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	r := peer(b, name, "mbsync", "-q", "-c", conf, "all")
	r.done = func() error { return holds(dir, n) }
	return r
}

// fresh makes a runner start with an empty folder, which mbsync wants to be there.
func fresh(r *runner, dir string) *runner {
	r.before = func() {
		os.RemoveAll(dir)
		os.MkdirAll(dir, 0o755)
	}
	return r
}

// BenchmarkIMAPNear fetches 5,000 letters of 8 KiB into a Maildir.
func BenchmarkIMAPNear(b *testing.B) {
	const n = 5000
	d := realserver.StartDovecot(b)
	fill(b, d, "near", "", n, 8<<10)
	ours, theirs := filepath.Join(b.TempDir(), "m"), filepath.Join(b.TempDir(), "m")
	race(b, nil,
		fresh(get(b, d.IMAP, "near", ours, n), ours),
		fresh(mbsync(b, "mbsync", d.IMAP, "near", theirs, n, "", "INBOX"), theirs),
		fresh(mbsync(b, "mbsync-unsynced", d.IMAP, "near", theirs, n, "FSync no", "INBOX"), theirs),
		curl(b, fmt.Sprintf("imap://%s/INBOX;UID=[1-%d]", d.IMAP, n), "near", theirs, n),
	)
}

// BenchmarkIMAPFar fetches 1,000 letters of 8 KiB at a round trip of 50 ms. posta's turns: the login, and one for all.
func BenchmarkIMAPFar(b *testing.B) {
	const n = 1000
	d := realserver.StartDovecot(b)
	fill(b, d, "far", "", n, 8<<10)
	w := stretch(b, d.IMAP, roundTrip)
	ours, theirs := filepath.Join(b.TempDir(), "m"), filepath.Join(b.TempDir(), "m")
	race(b, w,
		fresh(get(b, w.addr, "far", ours, n), ours),
		fresh(mbsync(b, "mbsync", w.addr, "far", theirs, n, "", "INBOX"), theirs),
	)
}

// BenchmarkIMAPFolders fetches 20 folders of 100 letters at a round trip of 50 ms; again, when nothing is new.
func BenchmarkIMAPFolders(b *testing.B) {
	const folders, each = 20, 100
	d := realserver.StartDovecot(b)
	for i := range folders - 1 {
		fill(b, d, "many", fmt.Sprintf(".folder%02d", i), each, 8<<10)
	}
	fill(b, d, "many", "", each, 8<<10)
	w := stretch(b, d.IMAP, roundTrip)
	ours, theirs := filepath.Join(b.TempDir(), "m"), filepath.Join(b.TempDir(), "m")
	posta := get(b, w.addr, "many", ours, folders*each, "--new", "--all-folders")
	mbsync := mbsync(b, "mbsync", w.addr, "many", theirs, folders*each, "", "*")
	b.Run("first", func(b *testing.B) { race(b, w, fresh(posta, ours), fresh(mbsync, theirs)) })
	posta.before, mbsync.before = nil, nil
	b.Run("nothing-new", func(b *testing.B) { race(b, w, posta, mbsync) })
}

// BenchmarkIMAPNothingNew looks for what is new among 10,000 letters, near and far.
func BenchmarkIMAPNothingNew(b *testing.B) {
	const n = 10_000
	d := realserver.StartDovecot(b)
	fill(b, d, "old", "", n, 2<<10)
	w := stretch(b, d.IMAP, roundTrip)
	ours, theirs := b.TempDir(), b.TempDir()
	for _, at := range []struct {
		name, addr string
		wire       *wire
	}{{"near", d.IMAP, nil}, {"far", w.addr, w}} {
		to := filepath.Join(ours, at.name)
		posta, mbsync := get(b, at.addr, "old", to, n, "--new"), mbsync(b, "mbsync", at.addr, "old", theirs, n, "", "INBOX")
		posta.run(b)
		if mbsync.installed() {
			mbsync.run(b)
		}
		b.Run(at.name, func(b *testing.B) { race(b, at.wire, posta, mbsync) })
	}
}

// BenchmarkIMAPBig fetches a letter of 100 MB: posta makes it durable, curl does not.
func BenchmarkIMAPBig(b *testing.B) {
	d := realserver.StartDovecot(b)
	fill(b, d, "big", "", 1, 100_000_000)
	ours, theirs := filepath.Join(b.TempDir(), "m"), filepath.Join(b.TempDir(), "m")
	race(b, nil,
		fresh(get(b, d.IMAP, "big", ours, 1), ours),
		curl(b, "imap://"+d.IMAP+"/INBOX;UID=[1-1]", "big", theirs, 1),
	)
}
