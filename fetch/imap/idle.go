package imap

import (
	"context"
	"iter"
	"sync"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

const (
	// DefaultRenewal is how long one IDLE lasts: servers end it after 30 minutes (RFC 2177).
	DefaultRenewal = 29 * time.Minute
	// DefaultPolling is how often NOOP asks where there is no IDLE.
	DefaultPolling = time.Minute
)

// IdleOptions says how to wait.
type IdleOptions struct {
	Renewal time.Duration // default DefaultRenewal; shorter ones outlive NAT devices that forget connections
	Polling time.Duration // default DefaultPolling
}

// Idle waits in the selected mailbox and yields what the server tells, as it comes. It ends, without an error, when ctx
// does or the loop is left; the connection can then be used on. An error is that of the connection. What came before is
// yielded first. The server ends nothing by itself: IDLE is renewed, and without it NOOP asks now and then.
func (c *Client) Idle(ctx context.Context, opt IdleOptions) iter.Seq2[Update, error] {
	if opt.Renewal <= 0 {
		opt.Renewal = DefaultRenewal
	}
	if opt.Polling <= 0 {
		opt.Polling = DefaultPolling
	}
	return func(yield func(Update, error) bool) {
		for ctx.Err() == nil {
			goOn, err := true, error(nil)
			if c.caps.Has(goimap.CapIdle) {
				goOn, err = c.idleOnce(ctx, opt.Renewal, yield)
			} else {
				goOn, err = c.poll(ctx, opt.Polling, yield)
			}
			if err != nil && ctx.Err() == nil && goOn {
				yield(Update{}, err)
			}
			if err != nil || !goOn {
				return
			}
		}
	}
}

// tell yields what came.
func (c *Client) tell(yield func(Update, error) bool) bool {
	list := c.Updates()
	if len(list) > 0 { // each is news, however many come
		c.in.renew()
		c.changes = 0
	}
	for i, u := range list {
		if !yield(u, nil) {
			c.updates = append(list[i+1:], c.updates...) // not lost
			return false
		}
	}
	return true
}

// poll asks once by NOOP and then waits. GoOn is false if the loop was left; nothing may be yielded then.
func (c *Client) poll(ctx context.Context, every time.Duration, yield func(Update, error) bool) (bool, error) {
	if _, err := c.Noop().Wait(); err != nil {
		return true, err
	}
	if !c.tell(yield) {
		return false, nil
	}
	timer := time.NewTimer(every)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return true, nil
}

// idleOnce is one IDLE, up to its renewal, the end of ctx, or the end of the loop. GoOn is false if the loop was left.
func (c *Client) idleOnce(ctx context.Context, renewal time.Duration, yield func(Update, error) bool) (goOn bool, err error) {
	if !c.tell(yield) {
		return false, nil
	}
	limit := c.conn.Timeout()
	defer c.conn.SetTimeout(limit)
	cmd := c.start("IDLE", nil)
	end := newIdleEnd(c, limit)
	defer end.release()
	idling := false
	goOn = true
	cmd.more = func(string) error { // now DONE may be said
		idling = true
		c.conn.SetTimeout(renewal + limit)
		c.settled()
		end.after(ctx, renewal)
		if !goOn {
			end.say(limit)
		}
		return nil
	}
	for !cmd.done {
		if goOn && !c.tell(yield) {
			goOn = false
			if idling {
				end.say(limit) // the connection is used on
			}
		}
		p, err := c.next()
		if err == nil {
			err = c.dispatch(p)
		}
		if err != nil && !cmd.done {
			return goOn, &Error{Command: "IDLE", Err: err}
		}
	}
	if goOn && cmd.err == nil {
		goOn = c.tell(yield)
	}
	return goOn, cmd.err
}

// idleEnd says DONE, once, from whichever goroutine is first; nobody else writes meanwhile. A server that then does not
// answer within the time given is left.
type idleEnd struct {
	c       *Client
	limit   time.Duration
	once    sync.Once
	timer   *time.Timer
	unwatch func() bool
	give    context.CancelFunc
	given   context.Context
	stop    func()
	mu      sync.Mutex
}

func newIdleEnd(c *Client, limit time.Duration) *idleEnd {
	e := &idleEnd{c: c, limit: limit}
	e.given, e.give = context.WithCancel(context.Background())
	return e
}

// after lets DONE be said after the renewal's time, or when ctx ends.
func (e *idleEnd) after(ctx context.Context, renewal time.Duration) {
	if e.timer != nil {
		return
	}
	e.timer = time.AfterFunc(renewal, func() { e.say(e.limit) })
	e.unwatch = context.AfterFunc(ctx, func() { e.say(farewell) })
}

func (e *idleEnd) say(patience time.Duration) {
	e.once.Do(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		ctx, cancel := context.WithTimeout(e.given, patience)
		unwatch := e.c.conn.Watch(ctx)
		e.stop = func() { unwatch(); cancel() }
		e.c.conn.Log.Sent([]byte("DONE"))
		e.c.out.Write([]byte("DONE\r\n")) // the reader sees what is wrong
	})
}

// release ends what would still act.
func (e *idleEnd) release() {
	if e.timer != nil {
		e.timer.Stop()
		e.unwatch()
	}
	e.once.Do(func() {})
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop != nil {
		e.stop()
	}
	e.give()
}
