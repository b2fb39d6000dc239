package fetch

import (
	"context"
	"errors"
	"iter"

	"posta/fetch/pop3"
	"posta/fetch/store"
)

// POP3 is a download over a POP3 session.
type POP3 struct {
	Client *pop3.Client
	Store  store.Store // its Journal is the State, where there is one
	Lines  int         // of the body, by TOP; negative: whole letters
	Keys   bool        // letters are the Keys for the journal
}

// Outcome is what became of a letter.
type Outcome struct {
	Letter pop3.Letter
	Path   string // of its file, where it has one
	Size   int64  // as stored
	Err    error  // nil: it is durable
}

// waiting is a letter that is not durable yet.
type waiting struct {
	letter  pop3.Letter
	receipt *store.Receipt
}

// Run fetches letters into the store. Outcomes come in the order of the letters, each when it is known. A letter that the server
// refuses, or that the store's command does not take, has an outcome with its error, and others follow. Any other
// error ends the sequence, after what was under way is settled: of the connection, or a *store.WriteError.
func (p *POP3) Run(ctx context.Context, letters iter.Seq[pop3.Letter]) iter.Seq2[*Outcome, error] {
	return func(yield func(*Outcome, error) bool) {
		r := &pop3Run{POP3: p, yield: yield}
		err := r.fetch(ctx, letters)
		if r.stopped {
			return
		}
		if flushErr := p.Store.Flush(context.WithoutCancel(ctx)); err == nil {
			err = flushErr
		}
		if settled := r.settle(true); err == nil {
			err = settled
		}
		if err != nil && !r.stopped {
			yield(nil, err)
		}
	}
}

type pop3Run struct {
	*POP3
	yield   func(*Outcome, error) bool
	queue   []waiting
	stopped bool // the one who iterates has enough
}

func (r *pop3Run) fetch(ctx context.Context, letters iter.Seq[pop3.Letter]) error {
	sequence := r.Client.Retrieve(ctx, letters)
	if r.Lines >= 0 {
		sequence = r.Client.Top(ctx, letters, r.Lines)
	}
	for m, err := range sequence {
		if m == nil {
			return err
		}
		if err := r.take(ctx, m, err); err != nil || r.stopped {
			return err
		}
		if err := r.settle(false); err != nil || r.stopped {
			return err
		}
	}
	return nil
}

// take stores a letter. The error is one that ends the download.
func (r *pop3Run) take(ctx context.Context, m *pop3.Message, err error) error {
	if err != nil {
		return r.failed(m.Letter, err)
	}
	msg := &store.Message{Reader: m, Name: m.UID, Size: m.Size}
	if r.Keys {
		msg.Key = m.Letter
	}
	receipt, err := r.Store.Put(ctx, msg)
	var exit *store.ExitError
	switch {
	case err == nil:
		r.queue = append(r.queue, waiting{m.Letter, receipt})
		return nil
	case errors.As(err, &exit):
		return r.failed(m.Letter, err)
	}
	return err
}

// failed tells of a letter that did not come, in its turn.
func (r *pop3Run) failed(l pop3.Letter, err error) error {
	r.queue = append(r.queue, waiting{letter: l, receipt: store.Failed(err)})
	return nil
}

// settle tells what has become of the letters at the head of the queue; all of them, when all is true. The error is that of a
// store that could not keep one.
func (r *pop3Run) settle(all bool) (err error) {
	for len(r.queue) > 0 && !r.stopped {
		w := r.queue[0]
		if !settled(w.receipt, all) {
			return err
		}
		r.queue = r.queue[1:]
		o := &Outcome{Letter: w.letter, Path: w.receipt.Path, Size: w.receipt.Size, Err: w.receipt.Err()}
		if err == nil && unkept(o.Err) {
			err = o.Err
		}
		r.stopped = !r.yield(o, nil)
	}
	return err
}
