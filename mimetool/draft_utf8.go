package mimetool

import "unicode/utf8"

// utf8Check says whether octets, which come in pieces, are UTF-8 (RFC 3629 §4). Its loop has no branches: text in which
// one and two octets a character alternate would have a processor mispredict each.
type utf8Check struct {
	// next has a row for each octet: six bits at a state's number are the state after it.
	next  *[256]uint64
	state uint64
}

// The states: between characters, not UTF-8, octets that are still to come, and those second octets that not every
// value is allowed for. Multiples of six.
const (
	utf8Whole = 6 * iota
	utf8Bad
	utf8One
	utf8Two
	utf8Three
	utf8AfterE0
	utf8AfterED
	utf8AfterF0
	utf8AfterF4
	utf8States
)

// whole says whether what was written is UTF-8 and does not end within a character.
func (u *utf8Check) whole() bool { return u.state&63 == utf8Whole }

func (u *utf8Check) write(p []byte) {
	if u.next == nil {
		u.next = utf8Transitions()
	}
	if len(p) >= utf8Halves {
		u.halves(p)
		return
	}
	state, next := u.state, u.next
	for _, c := range p {
		state = next[c] >> (state & 63)
	}
	u.state = state & 63
}

// utf8Halves is how many octets are worth being cut in two.
const utf8Halves = 256

// halves is write, of two halves at once: a processor can do that, for each octet of one waits for the one before alone.
func (u *utf8Check) halves(p []byte) {
	middle := len(p) / 2
	for middle < len(p)-1 && !utf8.RuneStart(p[middle]) {
		middle++
	}
	first, second := p[:middle], p[middle:]
	state, other, next := u.state, uint64(utf8Whole), u.next
	both := min(len(first), len(second))
	for i, c := range first[:both] {
		state = next[c] >> (state & 63)
		other = next[second[i]] >> (other & 63)
	}
	for _, c := range first[both:] {
		state = next[c] >> (state & 63)
	}
	for _, c := range second[both:] {
		other = next[c] >> (other & 63)
	}
	if u.state = other & 63; state&63 != utf8Whole { // a character begins where the second half does
		u.state = utf8Bad
	}
}

func utf8Transitions() *[256]uint64 {
	t := new([256]uint64)
	for c := range t {
		for state := 0; state < utf8States; state += 6 {
			t[c] |= utf8After(state, byte(c)) << state
		}
	}
	return t
}

// utf8After is the state after the octet c in a state: the table of RFC 3629 §4.
func utf8After(state int, c byte) uint64 {
	in := func(lo, hi byte) bool { return lo <= c && c <= hi }
	switch {
	case state == utf8Whole:
		return utf8First(c)
	case state == utf8One && in(0x80, 0xbf):
		return utf8Whole
	case state == utf8Two && in(0x80, 0xbf), state == utf8AfterE0 && in(0xa0, 0xbf), state == utf8AfterED && in(0x80, 0x9f):
		return utf8One
	case state == utf8Three && in(0x80, 0xbf), state == utf8AfterF0 && in(0x90, 0xbf), state == utf8AfterF4 && in(0x80, 0x8f):
		return utf8Two
	}
	return utf8Bad
}

// utf8First is the state after the first octet of a character.
func utf8First(c byte) uint64 {
	switch {
	case c < 0x80:
		return utf8Whole
	case c >= 0xc2 && c <= 0xdf:
		return utf8One
	case c == 0xe0:
		return utf8AfterE0
	case c == 0xed:
		return utf8AfterED
	case c >= 0xe1 && c <= 0xef:
		return utf8Two
	case c == 0xf0:
		return utf8AfterF0
	case c >= 0xf1 && c <= 0xf3:
		return utf8Three
	case c == 0xf4:
		return utf8AfterF4
	}
	return utf8Bad
}
