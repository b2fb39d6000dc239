package mxlookup

import (
	"context"
	"errors"
	"time"
)

// exchange is one question on its way to an answer, over as many servers and tries as it takes.
type exchange struct {
	name     string
	typ      Type
	question message // as packQuestion makes it, never sent itself
	legs     []leg   // one for each server
	replies  chan reply
	limit    time.Duration
	deadline time.Time // from when it was first sent: before, it may have waited for its turn
	failure  *Error    // of the last server that failed
}

// leg is what was tried with one server.
type leg struct {
	server   *server
	waiter   *waiter // the question in flight over UDP
	sent     int
	streamed int  // how often it was silent over a stream
	plain    bool // it did not understand EDNS0
	failed   bool // it said that it cannot
}

// exchange asks one question and returns what the first server says that can answer.
func (r *Resolver) exchange(ctx context.Context, name string, typ Type) (*answer, error) {
	question, err := packQuestion(name, typ, r.dnssec)
	if err != nil {
		return nil, &Error{Name: name, Type: typ, Err: ErrBadName}
	}
	x := &exchange{
		name: name, typ: typ, question: question,
		legs:    make([]leg, len(r.servers)),
		replies: make(chan reply, len(r.servers)),
		limit:   r.timeout,
	}
	for i, s := range r.servers {
		x.legs[i].server = s
	}
	defer x.end()
	return x.run(ctx)
}

func (x *exchange) run(ctx context.Context) (*answer, error) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		if err := ctx.Err(); err != nil {
			return nil, &Error{Name: x.name, Type: x.typ, Err: err}
		}
		l := x.next()
		if l == nil || x.left() <= 0 {
			return nil, x.lost()
		}
		a, wait := x.send(ctx, l)
		if a != nil {
			return a, nil
		}
		if wait == 0 { // the server has failed
			continue
		}
		until := time.Now().Add(min(wait, x.left()))
		l.waiter.socket.attend(x.replies, time.Until(until))
		timer.Reset(time.Until(until))
		a, err := x.await(ctx, timer.C)
		if a != nil || err != nil {
			return a, err
		}
	}
}

// left is how much of the question's time is left.
func (x *exchange) left() time.Duration {
	if x.deadline.IsZero() {
		return x.limit
	}
	return time.Until(x.deadline)
}

// begin starts the question's time.
func (x *exchange) begin() {
	if x.deadline.IsZero() {
		x.deadline = time.Now().Add(x.limit)
	}
}

// next chooses the server to ask: those that were asked less often first, silent ones after the others; nil when all
// have failed.
func (x *exchange) next() *leg {
	if len(x.legs) == 1 {
		if l := &x.legs[0]; !l.failed {
			return l
		}
		return nil
	}
	var best *leg
	least, now := 0, time.Now()
	for i := range x.legs {
		l := &x.legs[i]
		if l.failed {
			continue
		}
		cost := 2 * l.sent
		if l.server.down(now) {
			cost += 3
		}
		if best == nil || cost < least {
			best, least = l, cost
		}
	}
	return best
}

// send asks the server of l. It returns how long to wait for the answer over UDP, 0 when the server failed at once;
// over a stream it waits itself and may have the answer.
func (x *exchange) send(ctx context.Context, l *leg) (*answer, time.Duration) {
	s := l.server
	l.sent++
	if s.udp == nil {
		return x.overStream(ctx, l), 0
	}
	var err error
	switch {
	case l.waiter != nil:
		err = l.waiter.resend()
	default:
		l.waiter, err = s.udp.ask(x.outgoing(l), x.replies)
	}
	x.begin()
	if err != nil {
		x.fail(l, ErrNetwork, reason(err))
		return nil, 0
	}
	return nil, s.rtt.timeout(l.sent - 1)
}

// outgoing is a copy of the question as the server can read it.
func (x *exchange) outgoing(l *leg) message {
	l.plain = l.plain || l.server.noEDNS.Load()
	if l.plain {
		return x.question.withoutEDNS()
	}
	return append(message(nil), x.question...)
}

// await takes replies until one is the answer or shows that its server failed; nil without an error means: ask on.
func (x *exchange) await(ctx context.Context, timer <-chan time.Time) (*answer, error) {
	select {
	case r := <-x.replies:
		l := x.leg(r.from.server)
		l.waiter.drop()
		l.waiter = nil
		return x.judge(ctx, l, r), nil
	case <-timer:
		for i := range x.legs {
			if l := &x.legs[i]; l.waiter != nil {
				l.server.silences.Add(1)
			}
		}
		return nil, nil
	case <-ctx.Done():
		return nil, &Error{Name: x.name, Type: x.typ, Err: ctx.Err()}
	}
}

func (x *exchange) leg(s *server) *leg {
	for i := range x.legs {
		if x.legs[i].server == s {
			return &x.legs[i]
		}
	}
	return nil
}

func (x *exchange) fail(l *leg, err error, detail string) {
	l.failed = true
	x.failure = &Error{Name: x.name, Type: x.typ, Server: l.server.name, Detail: detail, Err: err}
}

// lost is the error of a question that no server answered: what the last one said that said anything.
func (x *exchange) lost() error {
	if x.failure != nil {
		return x.failure
	}
	return &Error{Name: x.name, Type: x.typ, Server: x.legs[0].server.name, Err: ErrTimeout}
}

// end gives up what is still in flight.
func (x *exchange) end() {
	for i := range x.legs {
		if w := x.legs[i].waiter; w != nil {
			w.drop()
		}
	}
}

// reason is a network error without the names and numbers of the sockets.
func reason(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
