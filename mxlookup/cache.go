package mxlookup

import (
	"strings"
	"time"
)

// key is what a question is about. Type 0 stands for all: what is kept there is that there is no such domain.
type key struct {
	name string
	typ  Type
}

// cache keeps found in bounded memory. It has two generations: what is asked for again moves to the young one, and
// when that is full, the old one is forgotten and the young one grows old.
type cache struct {
	limit      int // octets in a generation
	young, old map[key]*found
	size       int // of the young generation
}

// Bounds of the time for which an answer is kept.
const (
	maxTTL      = 24 * time.Hour
	maxNegative = 3 * time.Hour   // RFC 2308 §5
	failureTTL  = 5 * time.Second // RFC 9520 §3.2: failures too, from 1 second to 5 minutes
)

func (c *cache) get(k key, now time.Time) *found {
	f := c.young[k]
	if f == nil {
		if f = c.old[k]; f == nil {
			return nil
		}
		delete(c.old, k)
		c.put(k, f)
	}
	if now.After(f.expires) {
		return nil
	}
	return f
}

func (c *cache) put(k key, f *found) {
	if c.young == nil || c.size > c.limit {
		c.old, c.young, c.size = c.young, make(map[key]*found), 0
	}
	c.young[k] = f
	c.size += f.size() + len(k.name)
}

// denied is the answer to a question about a name that is known not to exist, or to be below one (RFC 8020 §2); nil
// when no such thing is known.
func (c *cache) denied(k key, now time.Time) *found {
	for at := k.name; at != ""; at = parent(at) {
		f := c.get(key{name: at}, now)
		if f == nil {
			continue
		}
		e := &Error{Name: k.name, Type: k.typ, Err: ErrNoDomain}
		if at != k.name {
			e.Detail = "there is no " + at
		}
		return &found{name: k.name, secure: f.secure, expires: f.expires, err: e}
	}
	return nil
}

// parent is the name above a name, "" above a top level domain.
func parent(name string) string {
	for {
		label, rest, _ := strings.Cut(name, ".")
		if slashes := len(label) - len(strings.TrimRight(label, `\`)); slashes%2 == 0 {
			return rest
		}
		name = rest // that dot belongs to the label
	}
}
