package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"posta/fetch/store"
	"posta/sendmail"
)

// keeping is the copy of a letter that --save keeps. It is begun before the letter goes out, so that a full disk or a
// missing permission is known by then. A nil keeping keeps nothing.
type keeping struct {
	store    store.Store
	receipt  *store.Receipt
	accepted bool
}

// errNotAccepted is why a copy is given up.
var errNotAccepted = errors.New("the letter was not accepted")

// Prepare lets the copy have its name only when the letter was accepted: keeping is the store's journal.
func (k *keeping) Prepare([]*store.Receipt) error {
	if !k.accepted {
		return errNotAccepted
	}
	return nil
}

// Stored has nothing to remember.
func (k *keeping) Stored([]*store.Receipt) error { return nil }

func (s *sending) openSave(out *outgoing) (*keeping, error) {
	if s.opt.save == "" {
		return nil, nil
	}
	spec := s.opt.save
	if !strings.HasPrefix(spec, string(store.KindMaildir)+":") {
		spec = string(store.KindMbox) + ":" + spec
	}
	k := &keeping{}
	var err error
	if k.store, err = store.Open(spec, nil, store.Options{Journal: k, LF: true, Now: s.env.now}); err == nil {
		err = k.put(&store.Message{
			Reader: letterReader(out.letter), Flags: store.Seen, From: out.envelope.From, Date: s.env.now(), Size: -1,
		})
	}
	if err != nil {
		return nil, fail(exitCantCreate, "--save: %w", err)
	}
	return k, nil
}

func (k *keeping) put(m *store.Message) (err error) {
	if k.receipt, err = k.store.Put(context.Background(), m); err != nil {
		return firstError(err, k.store.Close())
	}
	return nil
}

// letterReader reads a letter as it goes out.
func letterReader(l *sendmail.Letter) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := l.WriteTo(w)
		w.CloseWithError(err)
	}()
	return r
}

// commit makes the copy last, after the letter was accepted.
func (k *keeping) commit() error {
	if k == nil {
		return nil
	}
	k.accepted = true
	return firstError(k.store.Flush(context.Background()), k.receipt.Err(), k.store.Close())
}

// abandon removes what was begun: a file in a Maildir. An mbox has not been touched.
func (k *keeping) abandon() {
	if k != nil && !k.accepted && k.receipt.Path != "" {
		k.store.Close()
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
