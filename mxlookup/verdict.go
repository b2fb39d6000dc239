package mxlookup

import (
	"context"
	"errors"
	"os"
	"strconv"
)

// judge is the answer in a reply; nil when there is none and another way has to be tried.
func (x *exchange) judge(ctx context.Context, l *leg, r reply) *answer {
	if r.err != nil {
		x.fail(l, ErrNetwork, reason(r.err))
		return nil
	}
	if r.folded && !l.server.noCase.Load() {
		// Perhaps forged: TCP shows.
		if a := x.overStream(ctx, l); a != nil || ctx.Err() != nil {
			return a
		}
		l.server.noCase.Store(true)
		l.failed = false
	}
	a := x.read(l, r.message)
	if a != nil && a.truncated {
		return x.overStream(ctx, l)
	}
	return a
}

// read parses a message and decides by its response code.
func (x *exchange) read(l *leg, m message) *answer {
	if m.rcode() != rcodeSuccess && m.count(0) == 0 {
		return x.refuse(l, m.rcode(), "")
	}
	a, err := m.parse()
	switch {
	case err != nil:
		x.fail(l, ErrMalformed, err.Error())
		return nil
	case a.rcode != rcodeSuccess && a.rcode != rcodeNXDomain:
		return x.refuse(l, a.rcode, a.reason)
	}
	if l.plain {
		l.server.noEDNS.Store(true)
	}
	return a
}

// refuse notes a response code that is no answer, and what the server said of it.
func (x *exchange) refuse(l *leg, rcode int, reason string) *answer {
	ednsUnknown := rcode == rcodeFormErr || rcode == rcodeNotImp || rcode == rcodeBadVers
	if ednsUnknown && !l.plain {
		l.plain = true // RFC 6891 §7: ask once more without
		return nil
	}
	detail := rcodeName(rcode)
	if reason != "" {
		detail += ", " + reason
	}
	x.fail(l, ErrServFail, detail)
	return nil
}

// overStream asks the server of l over TCP, TLS or HTTPS.
func (x *exchange) overStream(ctx context.Context, l *leg) *answer {
	x.begin()
	ctx, cancel := context.WithDeadline(ctx, x.deadline)
	defer cancel()
	m, err := l.server.stream.ask(ctx, x.outgoing(l))
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		if l.streamed++; l.streamed > 1 || x.left() <= 0 { // else once more: the connection may have been dead
			x.fail(l, ErrTimeout, "")
		}
		return nil
	case err != nil:
		x.fail(l, ErrNetwork, reason(err))
		return nil
	}
	a := x.read(l, m)
	if a != nil && a.truncated {
		x.fail(l, ErrMalformed, "truncated over TCP")
		return nil
	}
	return a
}

func rcodeName(rcode int) string {
	switch rcode {
	case rcodeFormErr:
		return "FORMERR"
	case rcodeServFail:
		return "SERVFAIL"
	case rcodeNotImp:
		return "NOTIMP"
	case rcodeRefused:
		return "REFUSED"
	case rcodeBadVers:
		return "BADVERS"
	}
	return "response code " + strconv.Itoa(rcode)
}
