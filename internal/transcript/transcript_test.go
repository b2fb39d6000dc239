package transcript

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// shown returns what a transcript says, without the times.
func shown(t *testing.T, f func(*Log)) string {
	t.Helper()
	var b bytes.Buffer
	l := New(&b)
	f(l)
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^ *\d+\.\d ms `).ReplaceAllString(b.String(), "")
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*Log)
		want string
	}{
		{"both directions", func(l *Log) {
			l.Note("connected to %s", "127.0.0.1:25")
			l.Received([]byte("220 ready"))
			l.Sent([]byte("EHLO x"))
		}, "-- connected to 127.0.0.1:25\nS: 220 ready\nC: EHLO x\n"},
		{"escapes", func(l *Log) { l.Received([]byte("250 \x1b[2J\x07\ttab\r\n\x7f")) }, `S: 250 \x1b[2J\x07\ttab\x0d\x0a\x7f` + "\n"},
		{"C1 and bidi", func(l *Log) { l.Received([]byte("250 \u009b2J \u202e \u2028")) }, `S: 250 \u009b2J \u202e \u2028` + "\n"},
		{"not UTF-8", func(l *Log) { l.Received([]byte("250 \xff\xc3")) }, `S: 250 \xff\xc3` + "\n"},
		{"UTF-8 stays", func(l *Log) { l.Received([]byte("250 grüß 東京")) }, "S: 250 grüß 東京\n"},
		{"long", func(l *Log) { l.Received(bytes.Repeat([]byte("x"), 1500)) }, "S: " + strings.Repeat("x", 1000) + "… (500 octets more)\n"},
		{"secret", func(l *Log) { l.Secret("AUTH PLAIN"); l.Secret("") }, "C: AUTH PLAIN ****\nC: ****\n"},
		{"a note cannot add a line", func(l *Log) { l.Note("a\nb") }, `-- a\x0ab` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shown(t, c.do); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestCredentialsAreBlotted(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"AUTH PLAIN AGpvZQBoZXNsbw==", "AUTH PLAIN ****"},
		{"auth plain AGpvZQBoZXNsbw==", "AUTH plain ****"},
		{"AUTH  LOGIN  am9l", "AUTH LOGIN ****"},
		{"AUTH LOGIN", "AUTH LOGIN"},
		{"PASS hunter2", "PASS ****"},
		{"pass  hunter2 and more", "PASS ****"},
		{"APOP joe c4c9334bac560ecc979e58001b3e22fb", "APOP ****"},
		{"a1 LOGIN joe hunter2", "a1 LOGIN ****"},
		{"a1 login {3}", "a1 LOGIN ****"},
		{"a1 AUTHENTICATE PLAIN AGpvZQ==", "a1 AUTHENTICATE PLAIN ****"},
		{"a1 AUTHENTICATE PLAIN", "a1 AUTHENTICATE PLAIN"},
		{"MAIL FROM:<login@example.org> AUTH=<>", "MAIL FROM:<login@example.org> AUTH=<>"},
		{"QUIT", "QUIT"},
		{"", ""},
	} {
		if got := shown(t, func(l *Log) { l.Sent([]byte(c.line)) }); got != "C: "+c.want+"\n" {
			t.Errorf("%q is shown as %q, want %q", c.line, got, c.want)
		}
	}
}

func TestNilRecordsNothing(t *testing.T) {
	var l *Log
	l.Sent([]byte("x"))
	l.Received([]byte("x"))
	l.Secret("x")
	l.Note("x")
	if l.Err() != nil {
		t.Error("a nil transcript has an error")
	}
}

type fullDisk struct{ writes int }

func (d *fullDisk) Write([]byte) (int, error) { d.writes++; return 0, errors.New("disk full") }

func TestFirstWriteErrorIsKept(t *testing.T) {
	var disk fullDisk
	l := New(&disk)
	l.Note("a")
	l.Note("b")
	if l.Err() == nil || disk.writes != 1 {
		t.Errorf("error %v after %d writes, want one failed write", l.Err(), disk.writes)
	}
}

func TestConcurrentLinesStayWhole(t *testing.T) {
	got := shown(t, func(l *Log) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 50 {
					l.Sent([]byte("NOOP"))
				}
			})
		}
		wg.Wait()
	})
	if want := strings.Repeat("C: NOOP\n", 400); got != want {
		t.Errorf("lines were mixed")
	}
}

func FuzzSent(f *testing.F) {
	f.Add([]byte("AUTH PLAIN x"))
	f.Add([]byte("a LOGIN b c"))
	f.Add([]byte("\x1b\xff\u202e"))
	f.Fuzz(func(t *testing.T, line []byte) {
		got := shown(t, func(l *Log) { l.Sent(line) })
		for _, r := range strings.TrimSuffix(got, "\n") {
			if r < 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0) {
				t.Errorf("%q is shown as %q", line, got)
			}
		}
		if len(got) > 6*maxShown+100 {
			t.Errorf("%d octets shown of a line of %d", len(got), len(line))
		}
	})
}
