package store

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"posta/mimetool/stream"
)

// journal writes down what it is told, and can refuse.
type journal struct {
	t        *testing.T
	prepare  error
	stored   error
	log      []string
	onPlaces func(*Receipt)
}

func (j *journal) Prepare(list []*Receipt) error {
	for _, r := range list {
		j.log = append(j.log, "prepare "+r.Key.(string))
		if r.Path != "" {
			if ok, _ := exists(r.Path); ok {
				j.t.Errorf("%s is there before the journal was told", r.Path)
			}
		}
		if j.onPlaces != nil {
			j.onPlaces(r)
		}
	}
	return j.prepare
}

func (j *journal) Stored(list []*Receipt) error {
	for _, r := range list {
		j.log = append(j.log, "stored "+r.Key.(string))
		if r.Path != "" {
			if ok, _ := exists(r.Path); !ok {
				j.t.Errorf("%s is not there", r.Path)
			}
		}
	}
	return j.stored
}

func specs(dir string) map[string]string {
	return map[string]string{
		"maildir": "maildir:" + dir + "/maildir", "dir": "dir:" + dir + "/dir", "mbox": "mbox:" + dir + "/box",
		"exec": "exec:cat >>" + dir + "/out", "-": "-",
	}
}

func TestJournal(t *testing.T) {
	for kind, spec := range specs(t.TempDir()) {
		t.Run(kind, func(t *testing.T) {
			j := &journal{t: t}
			s := open(t, spec, new(strings.Builder), Options{Journal: j, Format: stream.JSONL})
			r := put(t, s, &Message{Reader: strings.NewReader("a: b\r\n\r\nx\r\n"), Key: "k"})
			if err := s.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
			<-r.Done()
			if got := strings.Join(j.log, ","); r.Err() != nil || got != "prepare k,stored k" {
				t.Errorf("%v, %s", r.Err(), got)
			}
			s.Close()
		})
	}
}

// TestJournalRefuses: what the journal could not be told of is not stored.
func TestJournalRefuses(t *testing.T) {
	errFull := errors.New("disk full")
	for kind, spec := range specs(t.TempDir()) {
		t.Run(kind, func(t *testing.T) {
			s := open(t, spec, new(strings.Builder), Options{Journal: &journal{t: t, prepare: errFull}, Format: stream.JSONL})
			r, err := s.Put(context.Background(), &Message{Reader: strings.NewReader("a: b\r\n\r\nx\r\n"), Key: "k"})
			if err == nil {
				s.Flush(context.Background())
				err = r.Wait(context.Background())
			}
			var w *WriteError
			if !errors.Is(err, errFull) || !errors.As(err, &w) {
				t.Errorf("%v", err)
			}
			s.Close()
			if dir, ok := strings.CutPrefix(spec, kind+":"); ok && kind != "exec" {
				if kind == "mbox" {
					if got := read(t, dir); got != "" {
						t.Errorf("in the mbox: %q", got)
					}
				} else if got := tree(t, dir); len(got) > 0 && kind == "maildir" {
					t.Errorf("left: %q", got)
				}
			}
		})
	}
}

func TestMbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "box")
	for i, before := range []string{"", "From a\nx: y\n\nend", "From a\nx: y\n\nend\n", "From a\nx: y\n\nend\n\n"} {
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, "mbox:"+path, nil, Options{})
		put(t, s, &Message{Reader: strings.NewReader("a: b\r\n\r\nFrom x\r\n>From y\r\n"), From: "ann@example.org"})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		got := read(t, path)
		rest, ok := strings.CutPrefix(got, strings.TrimRight(before, "\n"))
		if i > 0 {
			rest, ok = strings.CutPrefix(rest, "\n\n")
		}
		if !ok || !strings.HasPrefix(rest, "From ann@example.org ") || !strings.HasSuffix(rest, "\n\n>From x\n>>From y\n\n") || strings.Contains(got, "\r") {
			t.Errorf("%d: %q", i, got)
		}
		if _, err := os.Stat(path + ".lock"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the dotlock is left: %v", err)
		}
	}
}

// TestMboxHolds: a batch that a crash left in part is found out, and taken back.
func TestMboxHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "box")
	os.WriteFile(path, []byte("From a\n\nfirst\n\n"), 0o600)
	s := open(t, "mbox:"+path, nil, Options{})
	r := put(t, s, &Message{Reader: strings.NewReader("a: b\r\n\r\nsecond\r\n")})
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Holds(r.Place); !ok || err != nil {
		t.Errorf("whole: %v, %v", ok, err)
	}
	whole := read(t, path)
	os.WriteFile(path, []byte(whole+"From c\n\nthird\n\n"), 0o600)
	if ok, err := s.Holds(r.Place); !ok || err != nil {
		t.Errorf("with more behind it: %v, %v", ok, err)
	}
	os.Truncate(path, int64(len(whole)-3))
	if ok, err := s.Holds(r.Place); ok || err != nil {
		t.Errorf("cut: %v, %v", ok, err)
	}
	if got := read(t, path); got != "From a\n\nfirst\n\n" {
		t.Errorf("after it was taken back: %q", got)
	}
	s.Close()
}

func TestMboxLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "box")
	unlock, err := lockMbox(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockMbox(path, 0); !errors.Is(err, ErrLocked) {
		t.Errorf("%v, want ErrLocked", err)
	}
	unlock()
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(path+".lock", []byte("999999999\n"), 0o600)
	unlock, err = lockMbox(path, 0)
	if err != nil {
		t.Fatalf("of a process that is no more: %v", err)
	}
	unlock()
}

func TestExec(t *testing.T) {
	dir := t.TempDir()
	s := open(t, "exec:cat >"+dir+"/got; env >"+dir+"/env", nil, Options{Environ: []string{"POSTA_PASSWORD=secret", "A=b"}})
	put(t, s, &Message{Reader: strings.NewReader(letter(1))})
	if got := read(t, dir+"/got"); got != letter(1) {
		t.Errorf("%q", got)
	}
	if env := read(t, dir+"/env"); strings.Contains(env, "secret") || !strings.Contains(env, "A=b") {
		t.Errorf("environment %q", env)
	}
	s = open(t, "exec:exit 75", nil, Options{})
	_, err := s.Put(context.Background(), &Message{Reader: strings.NewReader("x")})
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 75 {
		t.Errorf("%v", err)
	}
	half := strings.Repeat("0123456789abcde\n", 32<<10) // more than a pipe holds, which nobody reads
	s = open(t, "exec:sleep 4 <&0 & exit 0", nil, Options{})
	put(t, s, &Message{Reader: strings.NewReader(half)})
	big := strings.Repeat("0123456789abcde\n", 200<<10)
	s = open(t, "exec:cat >"+dir+"/big", nil, Options{})
	put(t, s, &Message{Reader: strings.NewReader(big)})
	if read(t, dir+"/big") != big {
		t.Error("a large message changed")
	}
	s.Close()
}

func TestStream(t *testing.T) {
	var out strings.Builder
	s := open(t, "-", &out, Options{})
	put(t, s, &Message{Reader: strings.NewReader(letter(1))})
	if _, err := s.Put(context.Background(), &Message{Reader: strings.NewReader(letter(2))}); !errors.Is(err, ErrOneOnly) {
		t.Errorf("%v, want ErrOneOnly", err)
	}
	if err := s.Close(); err != nil || out.String() != letter(1) {
		t.Errorf("%v, %q", err, out.String())
	}
	for _, format := range []stream.Format{stream.Mboxrd, stream.Tar, stream.JSONL} {
		out.Reset()
		s := open(t, "-", &out, Options{Format: format, Group: 2})
		for i := range 5 {
			put(t, s, &Message{Reader: strings.NewReader(letter(i)), Name: "n"})
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		n := 0
		for m, err := range stream.Read(strings.NewReader(out.String()), format, stream.Options{}) {
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if _, err := io.Copy(&b, m); err != nil {
				t.Fatal(err)
			}
			want := letter(n)
			if format == stream.Mboxrd {
				want = strings.ReplaceAll(want, "\r\n", "\n")
			}
			if b.String() != want {
				t.Errorf("%s %d: %q", format, n, b.String())
			}
			n++
		}
		if n != 5 {
			t.Errorf("%s: %d messages", format, n)
		}
	}
}
