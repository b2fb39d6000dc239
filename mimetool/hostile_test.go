package mimetool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// repeatReader gives begin, then s n times, then end, without holding it.
func repeatReader(begin, s string, n int, end string) io.Reader {
	return io.MultiReader(strings.NewReader(begin), &repeated{block: strings.Repeat(s, max(1, 8192/len(s))), left: int64(n) * int64(len(s))}, strings.NewReader(end))
}

type repeated struct {
	block string
	at    int
	left  int64
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.block[r.at:])
	r.at = (r.at + n) % len(r.block)
	r.left -= int64(n)
	return n, nil
}

// peakMemory runs f and gives the most memory that the heap had meanwhile.
func peakMemory(f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.Sys
	f()
	runtime.ReadMemStats(&m)
	return m.Sys - before
}

func nested(depth int) io.Reader {
	var b bytes.Buffer
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("\nx\n")
	return &b
}

const manyParts = "Content-Type: multipart/mixed; boundary=b\n\n"

// Each of these is walked, its files found and the whole linted, in bounded memory.
func TestHostile(t *testing.T) {
	for _, c := range []struct {
		name    string
		message func() io.Reader
		limit   string // the limit it meets
	}{
		{"nesting 100,000 deep", func() io.Reader { return nested(100_000) }, "depth"},
		{"messages in messages", func() io.Reader {
			return repeatReader("", "Content-Type: message/rfc822\n\n", 100_000, "x")
		}, "depth"},
		{"encoded messages in messages", func() io.Reader {
			return repeatReader("", "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n", 100_000, "x")
		}, "encoded"},
		{"10^6 parts", func() io.Reader { return repeatReader(manyParts, "--b\n\nx\n", 1_000_000, "--b--\n") }, "parts"},
		{"10^6 doubled delimiters", func() io.Reader { return repeatReader(manyParts, "--b\n", 1_000_000, "\n--b--\n") }, ""},
		{"a header line of a gigabyte", func() io.Reader { return repeatReader("Subject: ", "xxxxxxxx", 1<<27, "\n\n") }, "header"},
		{"a header of folds", func() io.Reader { return repeatReader("Subject: x\n", " \n", 1<<24, "\n\n") }, "header"},
		{"10^6 fields", func() io.Reader { return repeatReader("", "A: b\n", 1_000_000, "\n") }, "fields"},
		{"a body line of a gigabyte", func() io.Reader {
			return repeatReader("Content-Transfer-Encoding: quoted-printable\n\n", "    ", 1<<24, "\n")
		}, ""},
		{"hyphens", func() io.Reader { return repeatReader(manyParts+"--b\n\n", "\n--", 1<<22, "\n--b--\n") }, ""},
		{"a boundary of hyphens", func() io.Reader {
			return repeatReader("Content-Type: multipart/mixed; boundary=\""+strings.Repeat("-", 900)+"x\"\n\n", "-", 1<<26, "\n")
		}, ""},
		{"delimiters of none", func() io.Reader { return repeatReader("Content-Type: multipart/mixed\n\n", "--x\n", 1<<22, "\n") }, ""},
		{"base64 of nothing", func() io.Reader { return repeatReader("Content-Transfer-Encoding: base64\n\n", "=!\n", 1<<22, "") }, ""},
		{"begin lines", func() io.Reader { return repeatReader("\n", "begin 644 a\n#0V%T\n", 200_000, "") }, "parts"},
		{"100,000 parameters", func() io.Reader { return repeatReader("Content-Type: text/plain", "; p=\"a;b\"", 100_000, "\n\nx") }, ""},
		{"NUL", func() io.Reader { return repeatReader("", "\x00", 1<<24, "") }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var walked, found, linted error
			peak := peakMemory(func() {
				_, walked = walkAll(c.message())
				for f, err := range Files(c.message(), FileOptions{All: true}) {
					if found = err; err == nil {
						_, found = io.Copy(io.Discard, f.Body)
					}
				}
				for _, err := range Lint(c.message(), Limits{}) {
					linted = err
				}
			})
			for _, err := range []error{walked, found, linted} {
				var limit *LimitError
				if errors.As(err, &limit) {
					if limit.What != c.limit {
						t.Errorf("%v", err)
					}
				} else if err != nil {
					t.Errorf("%v", err)
				}
			}
			var limit *LimitError
			if c.limit != "" && !errors.As(found, &limit) {
				t.Errorf("no limit was met: %v", found)
			}
			if peak > 64<<20 {
				t.Errorf("%d MiB", peak>>20)
			}
		})
	}
}

// walkAll counts the parts, decoding all.
func walkAll(r io.Reader) (n int, err error) {
	for p, err := range NewWalker(r, Limits{}).Parts() {
		if err != nil {
			return n, err
		}
		n++
		if !p.IsContainer() {
			if _, err := io.Copy(io.Discard, p.Decoded()); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// What comes before a limit has been given.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		message string
		limits  Limits
		want    string
	}{
		{"A: b\nC: " + strings.Repeat("d", 100) + "\n\nx", Limits{Header: 50}, "1 text/plain \"\" the message has more than 50 octets in a header (at octet 5)\nerror the message has more than 50 octets in a header (at octet 5)\n"},
		{attachments("A: b", "1", "C: d", "2"), Limits{Parts: 2}, "TEXT multipart/mixed\n1 text/plain \"1\"\nerror the message has more than 2 parts (at octet 77)\n"},
		{attachments("Content-Type: message/rfc822", "A: b\n\nx"), Limits{Depth: 1}, "TEXT multipart/mixed\n1 message/rfc822\nerror the message has more than 1 levels of parts (at octet 95)\n"},
		{"A: b\nC: d\n\nx", Limits{Fields: 1}, "1 text/plain \"\" the message has more than 1 fields in a header (at octet 5)\nerror the message has more than 1 fields in a header (at octet 5)\n"},
	} {
		if got := walkText(strings.NewReader(c.message), c.limits); got != c.want {
			t.Errorf("%q:\ngot  %swant %s", c.message, got, c.want)
		}
	}
}

// Thousands of attachments of one name are written in time that grows with their number.
func TestUnpackMany(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	const n = 5_000
	u := NewUnpacker(root, UnpackOptions{})
	message := repeatReader(manyParts, "--b\n"+named+"a.txt\nContent-Transfer-Encoding: base64\n\nQQ==\n", n, "--b--\n")
	paths := make(map[string]bool)
	for e, err := range u.Unpack(message) {
		if err != nil {
			t.Fatal(err)
		}
		paths[e.Path] = true
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != n || len(paths) != n {
		t.Errorf("%d files, %d names, %v", len(list), len(paths), err)
	}
}
