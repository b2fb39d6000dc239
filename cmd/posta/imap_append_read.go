package main

import (
	"context"
	"errors"
	"os"

	"posta/mimetool/stream"
)

// appendOffer is a message that was read, or why it could not be.
type appendOffer struct {
	w     *appended
	l     *arrival
	err   error         // of this message
	fatal error         // of the input: nothing comes after it
	used  chan struct{} // closed when l is not needed any more; nil where l is in memory
}

// read reads the messages of in, and gives each when it is whole.
func (a *appending) read(ctx context.Context, in *mimeInput) <-chan *appendOffer {
	e := *a.env
	if f, ok := e.stdin.(*os.File); !ok || !isRegular(f) {
		e.stdin = newInterruptible(ctx, e.stdin)
	}
	offers := make(chan *appendOffer)
	go func() {
		defer close(offers)
		for m, err := range in.messages(&e) {
			o := a.offer(m, err)
			select {
			case offers <- o:
			case <-ctx.Done():
				return
			}
			if o.used != nil {
				select {
				case <-o.used:
				case <-ctx.Done():
				}
				o.l.close()
			}
		}
	}()
	return offers
}

func isRegular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// offer reads one message.
func (a *appending) offer(m *stream.Message, err error) *appendOffer {
	var entry *stream.EntryError
	switch {
	case errors.As(err, &entry):
		return &appendOffer{w: &appended{Letter: entry.Index, Name: entry.Name}, err: entry}
	case err != nil:
		return &appendOffer{fatal: err}
	}
	o := &appendOffer{w: &appended{Letter: m.Index, Name: m.Name}}
	if o.l, err = newArrival(m, a.format, a.opt); err != nil {
		o.err = ofMessage(m, err)
		return o
	}
	o.w.Octets = o.l.letter.Size
	held, err := o.l.hold()
	switch {
	case err != nil:
		o.err = ofMessage(m, err)
	case !held:
		o.used = make(chan struct{})
	}
	return o
}

// release says that the message is not needed any more.
func (o *appendOffer) release() {
	if o.used != nil {
		close(o.used)
		o.used = nil
	}
}
