package mxlookup

import (
	"context"
	"errors"
	"slices"
	"time"
)

// found is what a look-up came to; it is shared and never changed.
type found struct {
	name    string   // where the records are: the name asked for, or what its aliases lead to
	aliases int      // how many aliases lead there
	records []record // of the type asked for, never empty when err is nil
	secure  bool     // each answer on the way had the AD bit
	expires time.Time
	err     error
}

// size is about how many octets f takes.
func (f *found) size() int {
	n := 256 + len(f.name)
	for i := range f.records {
		n += 80 + len(f.records[i].target) + len(f.records[i].data)
	}
	return n
}

// flight is a look-up under way, which others wait for who ask the same.
type flight struct {
	done  chan struct{}
	found *found
}

// lookup finds the records of a type at a name, from the cache or by asking; a name asked for at the same time by
// several is asked once.
func (r *Resolver) lookup(ctx context.Context, name string, typ Type) (*found, error) {
	k := key{name, typ}
	for {
		r.mu.Lock()
		now := time.Now()
		f := r.cache.get(k, now)
		if f == nil {
			f = r.cache.denied(k, now)
		}
		if f != nil {
			r.mu.Unlock()
			return f, f.err
		}
		fl := r.flights[k]
		if fl == nil {
			fl = &flight{done: make(chan struct{})}
			r.flights[k] = fl
			r.mu.Unlock()
			f := r.fly(ctx, k, fl)
			return f, f.err
		}
		r.mu.Unlock()
		select {
		case <-fl.done:
		case <-ctx.Done():
			return nil, &Error{Name: name, Type: typ, Err: ctx.Err()}
		}
		if !interrupted(fl.found.err) {
			return fl.found, fl.found.err
		}
		// The one who asked was cancelled, not we.
	}
}

// fly makes the look-up for everyone who waits for it, and keeps the outcome.
func (r *Resolver) fly(ctx context.Context, k key, fl *flight) *found {
	f := r.follow(ctx, k)
	r.mu.Lock()
	fl.found = f
	delete(r.flights, k)
	if !interrupted(f.err) {
		r.cache.put(k, f)
	}
	if errors.Is(f.err, ErrNoDomain) {
		r.cache.put(key{name: f.name}, f)
	}
	r.mu.Unlock()
	close(fl.done)
	return f
}

func interrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// maxAliases is how many CNAMEs lead on from a name at most.
const maxAliases = 16

// follow asks for a name, and for what its aliases lead to as far as the answers do not tell that themselves.
func (r *Resolver) follow(ctx context.Context, k key) *found {
	seen := []string{k.name}
	secure, ttl := true, maxTTL
	for {
		f := &found{name: seen[len(seen)-1]}
		a, err := r.exchange(ctx, f.name, k.typ)
		if err != nil {
			f.err, f.expires = named(err, k.name), time.Now().Add(failureTTL)
			return f
		}
		secure = secure && a.secure
		answered := len(seen)
		seen, ttl = a.chain(seen, ttl)
		f.name, f.aliases, f.secure = seen[len(seen)-1], len(seen)-1, secure
		switch {
		case len(seen) > maxAliases || slices.Contains(seen[:len(seen)-1], f.name):
			f.err, ttl = &Error{Name: k.name, Type: k.typ, Err: ErrAliasLoop}, min(ttl, maxNegative)
		case f.take(a, k.typ, &ttl):
		case a.rcode == rcodeNXDomain: // RFC 6604 §3: of the last name in the chain
			f.err, ttl = &Error{Name: k.name, Type: k.typ, Err: ErrNoDomain, Detail: towards(k.name, f.name)}, a.negative(ttl)
		case a.authority || len(seen) == answered:
			f.err, ttl = &Error{Name: k.name, Type: k.typ, Err: ErrNoRecord, Detail: towards(k.name, f.name)}, a.negative(ttl)
		default:
			continue // the answer ends at an alias: ask where it leads to
		}
		f.expires = time.Now().Add(ttl)
		return f
	}
}

// chain follows the aliases in an answer on from the last name of seen. It stops at a name that it has seen.
func (a *answer) chain(seen []string, ttl time.Duration) ([]string, time.Duration) {
	for range a.records {
		last := seen[len(seen)-1]
		i := slices.IndexFunc(a.records, func(rec record) bool { return rec.typ == TypeCNAME && rec.name == last })
		if i < 0 {
			break
		}
		ttl = min(ttl, time.Duration(a.records[i].ttl)*time.Second)
		looped := slices.Contains(seen, a.records[i].target)
		if seen = append(seen, a.records[i].target); looped || len(seen) > maxAliases {
			break
		}
	}
	return seen, ttl
}

// take takes over the records of a type at f.name, in the room where a has them; false when there are none.
func (f *found) take(a *answer, typ Type, ttl *time.Duration) bool {
	f.records = slices.DeleteFunc(a.records, func(rec record) bool { return rec.typ != typ || rec.name != f.name })
	for i := range f.records {
		*ttl = min(*ttl, time.Duration(f.records[i].ttl)*time.Second)
	}
	return len(f.records) > 0
}

// negative is how long a negative answer may be kept: not at all without an SOA (RFC 2308 §5).
func (a *answer) negative(ttl time.Duration) time.Duration {
	if !a.authority {
		return 0
	}
	return min(ttl, time.Duration(a.negativeTTL)*time.Second, maxNegative)
}

// towards says in an error that the name asked for was an alias.
func towards(asked, name string) string {
	if asked == name {
		return ""
	}
	return "it is an alias of " + name
}

// named makes err one of the name that was asked for first.
func named(err error, name string) error {
	var e *Error
	if errors.As(err, &e) && e.Name != name {
		e.Detail, e.Name = joinDetail(e.Detail, towards(name, e.Name)), name
	}
	return err
}

func joinDetail(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}
