package mxlookup

import "time"

// key is what a question is about.
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
