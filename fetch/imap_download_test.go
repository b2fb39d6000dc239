package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"posta/fetch/imap"
	"posta/fetch/store"
	"posta/internal/dialer"
	"posta/internal/sasl"
)

func (s *testServer) dial(ctx context.Context) (*imap.Client, error) {
	return imap.Dial(ctx, imap.Config{
		Dialer: dialer.Config{Address: s.addr, Timeout: 10 * time.Second}, Auth: &sasl.Credentials{Username: "u", Password: "p"},
	})
}

// shelf is a store in memory.
type shelf struct {
	state   *IMAPState
	texts   []string
	folders []string
	flags   []store.Flags
	err     error // of Put
}

func (s *shelf) Put(_ context.Context, m *store.Message) (*store.Receipt, error) {
	text, err := io.ReadAll(m.Reader)
	if err != nil {
		return nil, err
	}
	if s.err != nil {
		return nil, s.err
	}
	s.texts = append(s.texts, string(text))
	s.folders = append(s.folders, strings.Join(m.Folder, "/"))
	s.flags = append(s.flags, m.Flags)
	r := store.Failed(nil)
	r.Key, r.Place, r.Size = m.Key, fmt.Sprint(len(s.texts)), int64(len(text))
	if err := errors.Join(s.state.Prepare([]*store.Receipt{r}), s.state.Stored([]*store.Receipt{r})); err != nil {
		return nil, err
	}
	return r, nil
}

func (s *shelf) Flush(context.Context) error { return nil }
func (s *shelf) Holds(string) (bool, error)  { return false, nil }
func (s *shelf) Close() error                { return nil }

// imapTest is a download from a testServer.
type imapTest struct {
	t      *testing.T
	server *testServer
	shelf  *shelf
	run    IMAP
	pauses []time.Duration
	got    []*Arrival
	err    error
}

func newIMAPTest(t *testing.T, boxes map[string]*testBox) *imapTest {
	s := serveIMAP(t, boxes)
	state := NewIMAPState()
	x := &imapTest{t: t, server: s, shelf: &shelf{state: state}}
	x.run = IMAP{Dial: s.dial, State: state, Stores: []store.Store{x.shelf}, Wait: func(_ context.Context, d time.Duration) error {
		x.pauses = append(x.pauses, d)
		return nil
	}}
	return x
}

// get downloads folders, and returns a line for each arrival.
func (x *imapTest) get(folders ...string) (lines []string) {
	x.t.Helper()
	x.got, x.err = nil, nil
	var list []Folder
	for _, name := range folders {
		list = append(list, Folder{Name: name, Path: []string{name}})
	}
	for a, err := range x.run.Run(context.Background(), list) {
		if err != nil {
			x.err = err
			return append(lines, "end: "+err.Error())
		}
		x.got = append(x.got, a)
		switch {
		case a.Folder == "":
			lines = append(lines, "again")
		case a.Left:
			lines = append(lines, a.Name()+" left")
		case a.Err != nil:
			lines = append(lines, a.Name()+": "+a.Err.Error())
		default:
			lines = append(lines, a.Name())
		}
	}
	return lines
}

// holds fails unless the shelf has the texts of just these numbers, each once and whole.
func (x *imapTest) holds(numbers ...uint32) {
	x.t.Helper()
	have := slices.Clone(x.shelf.texts)
	slices.Sort(have)
	var want []string
	for _, n := range numbers {
		want = append(want, testText(n))
	}
	slices.Sort(want)
	if !slices.Equal(have, want) {
		x.t.Errorf("stored are %d messages, want %d: %.300q", len(have), len(want), have)
	}
}
