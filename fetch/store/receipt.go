package store

import (
	"context"
	"os"
	"sync"
)

// Receipt is a store's promise for one message.
type Receipt struct {
	Key   any    // of the Message
	Place string // where in the store it is or will be, for Holds; "" where that cannot be asked
	Path  string // of its file; "" where it has none of its own
	Size  int64  // octets stored

	group *group
	err   error

	file *os.File // open until it is synced
	temp string
}

// Done is closed when the message is durable, or has failed.
func (r *Receipt) Done() <-chan struct{} { return r.group.done }

// Err is nil when the message is durable. It may be called once Done is closed.
func (r *Receipt) Err() error { return r.err }

// Wait waits for Done, and returns Err, or ctx's error.
func (r *Receipt) Wait(ctx context.Context) error {
	select {
	case <-r.group.done:
		return r.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// group is messages that become durable together.
type group struct {
	receipts []*Receipt
	octets   int64
	made     []string       // folders that may have new ones in them, which are not synced
	writing  sync.WaitGroup // files that are being made
	done     chan struct{}
}

func newGroup() *group { return &group{done: make(chan struct{})} }

// fail gives up those that have not failed yet.
func (g *group) fail(err error) {
	for _, r := range g.receipts {
		if r.err == nil {
			r.err = &WriteError{err}
		}
	}
}

// whole are those that have not failed.
func (g *group) whole() []*Receipt {
	var list []*Receipt
	for _, r := range g.receipts {
		if r.err == nil {
			list = append(list, r)
		}
	}
	return list
}

// Failed is the receipt of a message that never came to a store. It is done.
func Failed(err error) *Receipt {
	r := &Receipt{group: newGroup(), err: err}
	close(r.group.done)
	return r
}
