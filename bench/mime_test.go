package bench

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// attachment is a letter with an attachment of so many octets in base64.
func attachment(octets int) []byte {
	content := make([]byte, octets)
	rand.Read(content)
	var b strings.Builder
	b.WriteString("From: ann@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/octet-stream; name=a.bin\n" +
		"Content-Disposition: attachment; filename=a.bin\nContent-Transfer-Encoding: base64\n\n")
	text := base64.StdEncoding.EncodeToString(content)
	for len(text) > 0 {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	b.WriteString("--b--\n")
	return []byte(b.String())
}

// BenchmarkMIMEUnpack unpacks an attachment of 64 MiB, and one of 100 octets.
func BenchmarkMIMEUnpack(b *testing.B) {
	for name, octets := range map[string]int{"64MiB": 64 << 20, "tiny": 100} {
		b.Run(name, func(b *testing.B) {
			source := filepath.Join(b.TempDir(), "letter")
			if err := os.WriteFile(source, attachment(octets), 0o600); err != nil {
				b.Fatal(err)
			}
			race(b, nil, unpacks(b, octets, source, "posta"), unpacks(b, octets, source, "munpack"), unpacks(b, octets, source, "ripmime"))
		})
	}
}

// unpacks is a program unpacking a letter into a folder of its own.
func unpacks(b *testing.B, octets int, letter, name string) *runner {
	dir := filepath.Join(b.TempDir(), "out")
	var r *runner
	switch name {
	case "posta":
		r = posta(b, "mime", "unpack", "-d", dir, letter)
	case "munpack":
		r = peer(b, name, name, "-q", "-C", dir, letter)
	default:
		r = peer(b, name, name, "-d", dir, "-i", letter)
	}
	r.before = func() {
		os.RemoveAll(dir)
		os.Mkdir(dir, 0o755)
	}
	r.done = func() error {
		info, err := os.Stat(filepath.Join(dir, "a.bin"))
		if err == nil && info.Size() != int64(octets) {
			err = fmt.Errorf("%d octets, want %d", info.Size(), octets)
		}
		return err
	}
	return r
}
