package dialer

import (
	"context"
	"errors"
)

// Watch lets the end of ctx end the connection: reads and writes under way return at once, later ones fail, with an
// *Error that unwraps to ctx's cause. The returned function ends the watching and must be called. Several contexts may be
// watched at a time.
func (c *Conn) Watch(ctx context.Context) (stop func()) {
	if ctx.Err() != nil {
		c.raw.kill(c.ended(ctx))
		return func() {}
	}
	if ctx.Done() == nil {
		return func() {}
	}
	unwatch := context.AfterFunc(ctx, func() { c.raw.kill(c.ended(ctx)) })
	return func() { unwatch() }
}

// ended is the error of a connection that ctx has ended.
func (c *Conn) ended(ctx context.Context) *Error {
	e := &Error{Op: "talk to", Addr: c.cfg.Address, Err: context.Cause(ctx), Kind: Network}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e.Kind = Timeout
	}
	return e
}
