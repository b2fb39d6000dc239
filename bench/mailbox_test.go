package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posta/internal/realserver"
)

// fill gives a user of a Dovecot n letters of so many octets, in a Maildir++ folder (".a") or, without one, the INBOX.
func fill(b *testing.B, d *realserver.Dovecot, user, folder string, n, octets int) {
	b.Helper()
	box := filepath.Join(d.Path("mail"), user, folder)
	for dir := range strings.SplitSeq("/,/cur,/new,/tmp", ",") {
		if err := os.MkdirAll(box+dir, 0o755); err != nil {
			b.Fatal(err)
		}
		d.Own(b, box+dir)
	}
	d.Own(b, filepath.Join(d.Path("mail"), user))
	for i := range n {
		path := fmt.Sprintf("%s/cur/%d.%d.host:2,S", box, 1_700_000_000+i, i)
		if err := os.WriteFile(path, letter(i, octets), 0o600); err != nil {
			b.Fatal(err)
		}
		d.Own(b, path)
	}
}

// letter is one of so many octets.
func letter(i, octets int) []byte {
	text := fmt.Sprintf("From: ann@example.org\r\nTo: ops@example.org\r\nSubject: letter %d\r\nDate: Fri, 2 Jan 2026 10:00:00 +0000\r\nMessage-ID: <%d@example.org>\r\n\r\n", i, i)
	const line = "The quick brown fox jumps over the lazy dog, again and again and again.\r\n"
	lines := max(1, (octets-len(text))/len(line))
	return []byte(text + strings.Repeat(line, lines))
}

// holds complains unless so many letters are in the Maildirs below a folder.
func holds(dir string, n int) error {
	got := 0
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		parent := filepath.Base(filepath.Dir(path))
		if err == nil && e.Type().IsRegular() && (parent == "cur" || parent == "new") {
			got++
		}
		return err
	})
	if err == nil && got != n {
		err = fmt.Errorf("%d letters in %s, want %d", got, dir, n)
	}
	return err
}

// emptied removes a folder before a run.
func emptied(dir string) func() { return func() { os.RemoveAll(dir) } }
