package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posta/internal/realserver"
)

// dovecot is a Dovecot of its own, where any user logs in with "secret".
type dovecot struct {
	host *realserver.Dovecot
	dir  string
	addr string // of POP3
	imap string // of IMAP4
}

// startDovecot starts one, with settings beside those of realserver.
func startDovecot(t testing.TB, settings ...string) *dovecot {
	t.Helper()
	h := realserver.StartDovecot(t, settings...)
	return &dovecot{host: h, dir: h.Dir, addr: h.POP3, imap: h.IMAP}
}

func (d *dovecot) own(t testing.TB, path string) {
	t.Helper()
	d.host.Own(t, path)
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
