package imap

import (
	"math"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// Threaded is a message in its place in a thread (RFC 5256 §4). A list of them is in the order of reading: each is followed
// by the answers to it, which are one deeper.
type Threaded struct {
	UID   goimap.UID // 0: the message that the following ones answer is not there
	Depth int32      // 0 begins a thread
}

// maxThreadDepth bounds the parentheses that are open at once.
const maxThreadDepth = 100_000

// Thread searches and puts what it finds into threads (RFC 5256 §3).
func (c *Client) Thread(algorithm goimap.ThreadAlgorithm, program Program) *Pending[[]Threaded] {
	algorithm = goimap.ThreadAlgorithm(strings.ToUpper(string(algorithm)))
	err := c.need("THREAD", goimap.Cap("THREAD="+algorithm))
	if err == nil {
		err = c.understands("THREAD", program)
	}
	if err != nil {
		return refuse[[]Threaded](c, err)
	}
	p, cmd := pend[[]Threaded](c, "UID THREAD", c.mailbox, func(e *encoder) {
		e.Atom(string(algorithm))
		c.program(e, program, "")
	})
	cmd.nameless = "THREAD"
	cmd.takes = func(r response) (bool, error) {
		if r.name != "THREAD" {
			return false, nil
		}
		list, err := c.in.threads(*p.data)
		*p.data = list
		return true, err
	}
	return p
}

// threads reads (2)(3 6 (4 23)(44 7 96)): numbers side by side answer each other, and parentheses what stands before them.
func (r *reader) threads(list []Threaded) ([]Threaded, error) {
	var open []int32 // the depth at which each open parenthesis began
	depth, first := int32(0), false
	for {
		c, err := r.peek()
		switch {
		case err != nil:
		case c == ' ':
			err = r.blank()
		case c == '\r' || c == '\n':
			if len(open) > 0 {
				return list, r.fail(protocolError("a thread without end"))
			}
			return list, r.endLine()
		case c == '(':
			err = r.blank()
			if first { // RFC 5256 §4: siblings whose parent is not there
				list = append(list, Threaded{Depth: depth})
				depth++
			}
			open, first = append(open, depth), true
		case c == ')' && len(open) > 0:
			err = r.blank()
			depth, first = open[len(open)-1], false
			open = open[:len(open)-1]
		default:
			var n uint64
			if n, err = r.number(); err == nil && (n == 0 || n > math.MaxUint32 || len(open) == 0) {
				err = r.fail(protocolError("%d in a thread", n))
			}
			list = append(list, Threaded{goimap.UID(n), depth})
			depth, first = depth+1, false
		}
		if err != nil {
			return list, err
		}
		if len(list) > maxRanges || len(open) > maxThreadDepth {
			return list, r.fail(protocolError("threads without end"))
		}
	}
}
