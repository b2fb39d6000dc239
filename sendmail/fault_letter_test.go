package sendmail_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"posta/internal/dialer"
	"posta/sendmail"
)

// bigSize is more than the kernel keeps between the ends of a connection.
const bigSize = 16 << 20

// bigLetter is a letter in a file.
func bigLetter(t *testing.T) (*os.File, *sendmail.Letter) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "letter"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	line := strings.Repeat("x", 76) + "\r\n"
	if _, err := f.WriteString("Subject: big\r\n\r\n" + strings.Repeat(line, bigSize/len(line))); err != nil {
		t.Fatal(err)
	}
	f.Seek(0, io.SeekStart)
	l, err := sendmail.ReadLetter(f, sendmail.LetterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return f, l
}

// bigModes are those whose transport of a letter differs.
func bigModes() []mode { return []mode{modes[0], modes[1], modes[2], modes[6]} }

// unfinished fails the test if the server saw an end of the letter, or the client says that it may have.
func unfinished(t *testing.T, f *faultServer, a attempt) {
	t.Helper()
	if len(f.delivered) > 0 {
		t.Errorf("the server took %d octets for a whole letter", len(f.delivered[0].data))
	}
	var e *sendmail.Error
	if errors.As(a.err, &e) && e.InDoubt {
		t.Errorf("in doubt, though its end was never sent: %v", a.err)
	}
	if a.err == nil || !a.broken {
		t.Errorf("error %v, broken %v", a.err, a.broken)
	}
}

// A letter that changes on its way, or cannot be read any more, does not end.
func TestLetterFails(t *testing.T) {
	for name, change := range map[string]struct {
		do   func(*os.File) error
		want error
	}{
		"cut short":       {func(f *os.File) error { return os.Truncate(f.Name(), bigSize/2) }, sendmail.ErrLetterChanged},
		"cut by an octet": {func(f *os.File) error { return os.Truncate(f.Name(), bigSize-20) }, sendmail.ErrLetterChanged},
		"grown":           {func(f *os.File) error { return os.Truncate(f.Name(), bigSize+1000) }, sendmail.ErrLetterChanged},
		"another octet": {func(f *os.File) error {
			w, err := os.OpenFile(f.Name(), os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer w.Close()
			_, err = w.WriteAt([]byte("y"), bigSize-1000)
			return err
		}, sendmail.ErrLetterChanged},
		"not to be read": {func(f *os.File) error { return f.Close() }, os.ErrClosed},
	} {
		for _, m := range bigModes() {
			t.Run(name+"/"+m.name, func(t *testing.T) {
				file, letter := bigLetter(t)
				f := m.server()
				f.onData = func(*session) {
					if err := change.do(file); err != nil {
						t.Error(err)
					}
					f.onData = nil
				}
				a := m.tryLetter(t, f, letter, nil)
				unfinished(t, f, a)
				if !errors.Is(a.err, change.want) {
					t.Errorf("%v, want %v", a.err, change.want)
				}
			})
		}
	}
}

// A context that ends stops the letter where it is.
func TestLetterCancelled(t *testing.T) {
	for _, m := range bigModes() {
		t.Run(m.name, func(t *testing.T) {
			_, letter := bigLetter(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			f := m.server()
			f.onData = func(*session) { cancel(); time.Sleep(10 * time.Millisecond) }
			f.start(t)
			c, err := sendmail.Dial(ctx, m.config(f))
			if err != nil {
				t.Fatal(err)
			}
			env := &sendmail.Envelope{From: "from@example.org", To: sendmail.To("a@example.org")}
			result, err := c.Send(ctx, env, letter)
			a := attempt{err: err, broken: c.Broken(), result: result}
			c.Close()
			f.stop()
			unfinished(t, f, a)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
	}
}

// A server that stops reading, or reads by drops, does not hold the client. What it has by then is no whole letter.
func TestStalledReader(t *testing.T) {
	for name, reads := range map[string]func(s *session, over <-chan struct{}){
		"nothing": func(s *session, over <-chan struct{}) { <-over },
		"drops": func(s *session, over <-chan struct{}) {
			for {
				select {
				case <-over:
					return
				case <-time.After(10 * time.Millisecond):
					s.in.Discard(1)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			atOnce(t, bigModes(), func(t *testing.T, m mode) {
				_, letter := bigLetter(t)
				over := make(chan struct{})
				f := m.server()
				f.onData = func(s *session) { reads(s, over); f.onData = nil }
				f.start(t)
				cfg := m.config(f)
				cfg.Dialer.Timeout = time.Second
				c, err := sendmail.Dial(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				env := &sendmail.Envelope{From: "from@example.org", To: sendmail.To("a@example.org")}
				result, err := c.Send(t.Context(), env, letter)
				a := attempt{err: err, broken: c.Broken(), result: result}
				c.Close()
				close(over)
				f.stop()
				unfinished(t, f, a)
				var conn *dialer.Error
				if !errors.As(err, &conn) || conn.Kind != dialer.Timeout {
					t.Errorf("%v, want a time-out", err)
				}
			})
		})
	}
}

// What cannot be read whole is no letter, however it would be kept.
func TestReadError(t *testing.T) {
	disk := errors.New("the disk is gone")
	dir := t.TempDir()
	for n := range len(faultLetter) + 1 {
		for _, limit := range []int{0, 1, n, len(faultLetter)} {
			r := io.MultiReader(strings.NewReader(faultLetter[:n]), iotest.ErrReader(disk))
			l, err := sendmail.ReadLetter(r, sendmail.LetterOptions{MemoryLimit: limit, TempDir: dir})
			if l != nil || !errors.Is(err, disk) {
				t.Errorf("after %d octets, of which %d in memory: %v", n, limit, err)
			}
		}
	}
}
