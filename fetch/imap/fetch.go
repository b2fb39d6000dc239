package imap

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// FetchOptions says what a FETCH asks for. Asking for nothing but ChangedSince gets the flags.
type FetchOptions struct {
	goimap.FetchOptions
	// Extra are items of extensions as they go out: "X-GM-LABELS", "X-GM-MSGID", "EMAILID", "THREADID", "SAVEDATE".
	Extra []string
	// Vanished asks with ChangedSince and a UIDSet for the UIDs that are gone since then (QRESYNC, ENABLEd before).
	Vanished bool
	// Partial asks for a part of the set alone (RFC 9394 §3.2), with a UIDSet: {-1, -100} of 1:* is the last hundred. It needs
	// PARTIAL.
	Partial *Partial
}

// Fetch is a FETCH under way: one command or, for a set that is longer than a line should be, several behind each
// other. Its messages are read by Messages or Next; until that has come to its end no later command can be waited for
// (ErrUnread), but more commands can be sent.
//
// A Fetch goes out together with SELECTs and other Fetches; for other commands made before it waits, since servers run
// FETCH beside them. Two Fetches of one mailbox in flight may get each other's messages from such a server: look at UID.
type Fetch struct {
	c        *Client
	cmds     []*command
	msg      Message
	err      error
	ended    bool
	count    uint64
	vanished goimap.UIDSet
}

// Fetch sends FETCH or, for a UIDSet, UID FETCH: then the UID is asked for anyway. Sections of Opt without Peek set
// \Seen. It does not wait: the command goes out with the next wait, together with those before and after it.
func (c *Client) Fetch(set goimap.NumSet, opt FetchOptions) *Fetch {
	f := &Fetch{c: c}
	f.msg.done = true
	if err := c.mayFetch(set, &opt); err != nil {
		err.Mailbox = c.mailbox
		f.cmds = []*command{{name: err.Command, done: true, err: err}}
		return f
	}
	for _, part := range splitSet(set) {
		cmd := c.start(uid(set, "FETCH"), func(e *encoder) {
			e.Atom(part)
			opt.write(e, set)
		})
		cmd.mailbox = c.mailbox
		cmd.fetch = f
		cmd.saved = goimap.IsSearchRes(set)
		cmd.takes = f.takes
		f.cmds = append(f.cmds, cmd)
	}
	return f
}

// mayFetch refuses what the server does not offer and would not understand.
func (c *Client) mayFetch(set goimap.NumSet, opt *FetchOptions) *Error {
	name := uid(set, "FETCH")
	_, byUID := set.(goimap.UIDSet)
	switch {
	case goimap.IsSearchRes(set) && !c.caps.Has(goimap.CapSearchRes):
		return &Error{Command: name, Err: unsupported(goimap.CapSearchRes)}
	case len(opt.BinarySection)+len(opt.BinarySectionSize) > 0 && !c.caps.Has(goimap.CapBinary) && !c.caps.Has(goimap.CapIMAP4rev2):
		return &Error{Command: name, Err: unsupported(goimap.CapBinary)}
	case opt.Partial != nil && !c.caps.Has("PARTIAL"):
		return &Error{Command: name, Err: unsupported("PARTIAL")}
	case opt.Partial != nil && (!byUID || len(splitSet(set)) > 1 || opt.Partial.check(nil) != nil):
		return &Error{Command: name, Err: fmt.Errorf("the part %s %w", opt.Partial, ErrArgument)}
	}
	return nil
}

// uid is the name of a command by the kind of its set.
func uid(set goimap.NumSet, name string) string {
	if _, ok := set.(goimap.UIDSet); ok {
		return "UID " + name
	}
	return name
}

// Messages yields the messages one by one as they come. An error, an *Error, ends it. Leaving the loop early leaves the rest to be read by another call or Close.
func (f *Fetch) Messages() iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		for {
			m, err := f.Next()
			if err != nil {
				yield(nil, err)
				return
			}
			if m == nil || !yield(m, nil) {
				return
			}
		}
	}
}

// Next returns the next message, nil after the last one. What the caller left of the one before is skipped.
func (f *Fetch) Next() (*Message, error) {
	if f.ended {
		return nil, f.err
	}
	if !f.msg.done {
		if err := f.msg.finish(); err != nil {
			return nil, f.end(f.c.fail(err))
		}
	}
	for !f.complete() {
		p, err := f.c.next()
		if f.complete() {
			break
		}
		if err != nil {
			return nil, &Error{Command: f.cmds[0].name, Err: err}
		}
		if p.name == "FETCH" && p.hasNum && f.c.owner() == f {
			return f.begin(p)
		}
		if p.name == "FETCH" && p.hasNum && f.c.owner() != nil {
			f.c.held = &p
			return nil, &Error{Command: f.cmds[0].name, Err: ErrUnread}
		}
		f.c.dispatch(p)
	}
	return nil, f.end(nil)
}

// begin hands out a message. More of them than there can be is a server that never stops.
func (f *Fetch) begin(p response) (*Message, error) {
	if f.count++; f.count/4 > uint64(f.c.exists)+maxUpdates {
		return nil, f.end(f.c.fail(protocolError("FETCH responses without end")))
	}
	f.c.in.renew()
	f.c.in.doing = Error{Command: f.cmds[0].name, Mailbox: f.cmds[0].mailbox}
	f.msg.reset(f.c.in, p.num)
	f.c.reading = &f.msg
	return &f.msg, nil
}

// complete says whether all commands are done.
func (f *Fetch) complete() bool {
	for _, cmd := range f.cmds {
		if !cmd.done {
			return false
		}
	}
	return true
}

// end notes the outcome: the first command's error.
func (f *Fetch) end(err error) error {
	for _, cmd := range f.cmds {
		if cmd.err != nil {
			err = cmd.err
			break
		}
	}
	f.ended, f.err = true, err
	f.c.reading = nil
	return err
}

// owner is the Fetch whose turn it is, nil where a FETCH response belongs to another command, or to none.
func (c *Client) owner() *Fetch {
	for _, cmd := range c.flight {
		if cmd.sent && (cmd.fetch != nil || cmd.flags) {
			return cmd.fetch
		}
	}
	return nil
}

// Vanished is, after the last message, which UIDs are gone (FetchOptions.Vanished).
func (f *Fetch) Vanished() goimap.UIDSet { return f.vanished }

// takes reads VANISHED (EARLIER); messages are pulled.
func (f *Fetch) takes(p response) (bool, error) {
	if p.name != "VANISHED" {
		return false, nil
	}
	earlier, set, err := f.c.vanished()
	switch {
	case err != nil:
	case !earlier:
		f.c.update(Update{Kind: UpdateVanished, UIDs: set})
	case len(f.vanished)+len(set) > maxRanges:
		err = protocolError("a set of too many numbers")
	default:
		f.vanished = append(f.vanished, set...)
	}
	return true, err
}

// maxSetLine is how long a set may be in one command; servers limit their lines (RFC 7162 §4 says 8192 octets).
const maxSetLine = 7000

// splitSet writes a set in pieces that fit lines, in ascending order: QQ answers BAD to any other. The empty set is no piece.
func splitSet(set goimap.NumSet) []string {
	switch s := set.(type) {
	case goimap.UIDSet:
		set = ascending(s, func(r goimap.UIDRange) uint32 { return uint32(r.Start) })
	case goimap.SeqSet:
		set = ascending(s, func(r goimap.SeqRange) uint32 { return r.Start })
	}
	text := set.String()
	var parts []string
	for len(text) > maxSetLine {
		i := strings.LastIndexByte(text[:maxSetLine], ',')
		parts = append(parts, text[:i])
		text = text[i+1:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}

// ascending is a set in the order of its ranges' begins. One with "*" or "$" stays as it is.
func ascending[S interface {
	~[]R
	goimap.NumSet
}, R any](set S, start func(R) uint32) S {
	byStart := func(a, b R) int { return cmp.Compare(start(a), start(b)) }
	if set.Dynamic() || slices.IsSortedFunc(set, byStart) {
		return set
	}
	set = slices.Clone(set)
	slices.SortFunc(set, byStart)
	return set
}
