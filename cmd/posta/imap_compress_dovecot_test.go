package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestIMAPDovecotCompress: over a compressed session all comes as it is, and the waiting for what is new is renewed.
func TestIMAPDovecotCompress(t *testing.T) {
	d := startDovecot(t, "protocol imap {\n  mail_plugins = imap_zlib\n}")
	sums := d.fill(t, "ann", 300)
	for _, flags := range [][]string{{"--compress"}, {}} {
		log := filepath.Join(t.TempDir(), "log")
		dir := filepath.Join(t.TempDir(), "mail")
		d.runIMAP(t, "ann", nil, exitOK, append([]string{"get", "--to", "dir:" + dir, "--transcript", log}, flags...)...)
		paths, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
		for _, path := range paths {
			if text, err := os.ReadFile(path); err != nil || !sums[sha256.Sum256(text)] {
				t.Errorf("%s is none of the letters (%v)", path, err)
			}
		}
		text, _ := os.ReadFile(log)
		if said := strings.Contains(string(text), " COMPRESS DEFLATE"); len(paths) != len(sums) || said != (len(flags) > 0) {
			t.Errorf("%q: %d letters of %d, compression asked for: %v", flags, len(paths), len(sums), said)
		}
	}
	d.runIMAP(t, "ann", nil, exitNegative, "idle", "--compress", "--for", "1", "--renew", "300ms")
}
