package store

import (
	"context"
	"errors"
	"io"
	"os"

	"posta/mimetool/stream"
)

// ErrOneOnly: a second message, where the stream has no form for more than one.
var ErrOneOnly = errors.New("standard output takes one message as it is; many need a stream's form")

// Stream writes messages to a stream: one as it is, many as stream.Mboxrd, Tar, or JSONL.
//
// Of many each is collected before it is written, so that none is there in part. One alone is passed through as it
// comes: when it ends in an error, its reader sees a part, and Put's error has to be told.
type Stream struct {
	groups *committer
	out    *checked
	w      stream.Writer // nil: one message, raw
	n      int
	spool  spool
	buf    []byte
	err    error // of the stream
}

// OpenStream writes to out, which stays open.
func OpenStream(out io.Writer, opt Options) (*Stream, error) {
	s := &Stream{out: &checked{w: out}, buf: make([]byte, 64<<10)}
	s.groups = newCommitter(opt, s.sync)
	switch opt.Format {
	case "":
		return s, nil
	case stream.Mboxrd:
		s.groups.opt.LF = true
	case stream.Tar, stream.JSONL:
	default:
		return nil, stream.ErrFormat
	}
	var err error
	s.w, err = stream.NewWriter(s.out, opt.Format, stream.Options{Now: opt.now()})
	return s, err
}

// Put writes a message. See Store.
func (s *Stream) Put(ctx context.Context, m *Message) (*Receipt, error) {
	s.n++
	switch {
	case s.err != nil:
		return nil, writeError(s.err)
	case len(m.Folder) > 0:
		return nil, writeError(ErrFolders)
	case s.w == nil && s.n > 1:
		return nil, writeError(ErrOneOnly)
	}
	var n int64
	var err error
	if s.w == nil {
		n, err = copyMessage(s.out, m, s.groups.opt.LF, s.buf)
	} else {
		n, err = s.write(m)
	}
	if s.out.err != nil {
		s.err = s.out.err
	}
	if err != nil {
		return nil, err
	}
	r := &Receipt{Key: m.Key, Size: n}
	s.groups.add(r)
	if s.groups.open == nil { // only one goroutine at a time may write
		return r, s.Flush(ctx)
	}
	return r, nil
}

// write collects the message and writes it.
func (s *Stream) write(m *Message) (int64, error) {
	defer s.spool.reset()
	n, err := copyMessage(&s.spool, m, s.groups.opt.LF, s.buf)
	if err != nil {
		return 0, err
	}
	name := ""
	if base := fileName(m.Name); base != "" {
		name = base + ".eml"
	}
	err = s.w.WriteMessage(&stream.Message{
		Reader: s.spool.reader(), Index: s.n, From: m.From, Date: m.Date, Name: name, Size: n,
	})
	if err != nil {
		s.err = err
	}
	return n, writeError(err)
}

// sync makes durable what was written, where it is a file, and tells the journal.
func (s *Stream) sync(g *group) {
	err := s.out.err
	if f, ok := s.out.w.(*os.File); ok && err == nil {
		if info, e := f.Stat(); e == nil && info.Mode().IsRegular() {
			err = f.Sync()
		}
	} else if f, ok := s.out.w.(interface{ Flush() error }); ok && err == nil {
		err = f.Flush()
	}
	if err == nil {
		err = s.groups.prepare(g.receipts)
	}
	if err == nil {
		err = s.groups.stored(g.receipts)
	}
	if err != nil {
		g.fail(err)
	}
}

// Flush makes all durable. See Store.
func (s *Stream) Flush(ctx context.Context) error { return s.groups.flush(ctx) }

// Holds does not know what became of the stream.
func (s *Stream) Holds(string) (bool, error) { return false, nil }

// Close ends the stream: a tar has an end of its own.
func (s *Stream) Close() error {
	s.groups.close()
	s.spool.drop()
	if s.w == nil || s.err != nil {
		return writeError(s.err)
	}
	return writeError(s.w.Close())
}
