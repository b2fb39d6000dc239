package imap

import (
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

func uitoa(n uint64) string { return strconv.FormatUint(n, 10) }

// StoreOptions says what STORE does besides.
type StoreOptions struct {
	UnchangedSince uint64 // messages changed after this MODSEQ are left alone (CONDSTORE); 0: none are
}

// Stored is what STORE tells.
type Stored struct {
	Changes                // new flags, unless StoreFlags.Silent
	Modified goimap.UIDSet // left alone, because of UnchangedSince; sequence numbers if the set was one
}

// Store changes flags (RFC 9051 §6.4.6).
func (c *Client) Store(set goimap.NumSet, flags goimap.StoreFlags, opt StoreOptions) *Pending[Stored] {
	item := map[goimap.StoreFlagsOp]string{goimap.StoreFlagsSet: "FLAGS", goimap.StoreFlagsAdd: "+FLAGS", goimap.StoreFlagsDel: "-FLAGS"}[flags.Op]
	if flags.Silent {
		item += ".SILENT"
	}
	p := &Pending[Stored]{c: c, data: new(Stored)}
	for _, part := range splitSet(set) {
		cmd := c.start(uid(set, "STORE"), func(e *encoder) {
			e.Atom(part)
			if opt.UnchangedSince > 0 {
				e.words("UNCHANGEDSINCE", uitoa(opt.UnchangedSince))
			}
			e.Atom(item)
			e.flags(flags.Flags)
		})
		cmd.setMailbox(c.mailbox)
		cmd.flags = true
		cmd.takes = func(r response) (bool, error) {
			if r.name != "FETCH" || !r.hasNum {
				return false, nil
			}
			return true, c.changed(r, &p.data.Changes)
		}
		cmd.end = func(s *Status) {
			if s.Code == "MODIFIED" { // RFC 7162 §3.1.3
				modified, _ := parseSet(s.Arg)
				p.data.Modified = append(p.data.Modified, modified...)
			}
		}
		p.cmds = append(p.cmds, cmd)
	}
	return p
}

// Copy copies messages to another mailbox (RFC 9051 §6.4.7). With UIDPLUS the data tell the UIDs there.
func (c *Client) Copy(set goimap.NumSet, mailbox string) *Pending[goimap.CopyData] {
	return c.copy("COPY", set, mailbox)
}

// copy is COPY and MOVE, whose COPYUID comes in an untagged OK (RFC 6851 §4.3).
func (c *Client) copy(verb string, set goimap.NumSet, mailbox string) *Pending[goimap.CopyData] {
	p := &Pending[goimap.CopyData]{c: c, data: new(goimap.CopyData)}
	for _, part := range splitSet(set) {
		cmd := c.start(uid(set, verb), func(e *encoder) {
			e.Atom(part)
			c.name(e, mailbox)
		})
		cmd.setMailbox(mailbox)
		cmd.takes = func(r response) (bool, error) {
			if r.status == nil || r.status.Code != "COPYUID" {
				return false, nil
			}
			copyUID(p.data, r.status)
			return true, nil
		}
		cmd.end = func(s *Status) { copyUID(p.data, s) }
		p.cmds = append(p.cmds, cmd)
	}
	return p
}

// copyUID understands COPYUID (RFC 4315 §3): validity, sources, destinations.
func copyUID(data *goimap.CopyData, s *Status) {
	fields := strings.Fields(s.Arg)
	if s.Code != "COPYUID" || len(fields) != 3 {
		return
	}
	validity, ok := number([]byte(fields[0]))
	from, errFrom := parseSet(fields[1])
	to, errTo := parseSet(fields[2])
	if !ok || errFrom != nil || errTo != nil {
		return
	}
	data.UIDValidity = uint32(validity)
	data.SourceUIDs = append(data.SourceUIDs, from...)
	data.DestUIDs = append(data.DestUIDs, to...)
}

// Move moves messages to another mailbox. Without MOVE they are copied and then, after the OK, deleted by UID EXPUNGE, which
// touches no others; without UIDPLUS either that cannot be done safely, and nothing is (ErrUnsupported). An error after
// the copy leaves the messages in both mailboxes.
func (c *Client) Move(set goimap.UIDSet, mailbox string) (goimap.CopyData, error) {
	if c.caps.Has(goimap.CapMove) {
		return c.copy("MOVE", set, mailbox).Wait()
	}
	if err := c.need("MOVE", goimap.CapUIDPlus); err != nil {
		return goimap.CopyData{}, err
	}
	data, err := c.Copy(set, mailbox).Wait()
	if err != nil {
		return data, err
	}
	gone := set
	if len(data.SourceUIDs) > 0 {
		gone = data.SourceUIDs // what the server says that it copied, no more
	} else if set.Dynamic() {
		return data, &Error{Command: "MOVE", Mailbox: mailbox, Err: protocolError("COPY did not tell what it copied")}
	}
	deleted := c.Store(gone, goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}, StoreOptions{})
	if _, err := deleted.Wait(); err != nil {
		return data, err
	}
	_, err = c.UIDExpunge(gone).Wait()
	return data, err
}

// Expunge removes all messages that are marked \Deleted, by whomever. Updates tells which.
func (c *Client) Expunge() *Pending[None] {
	p, _ := pend[None](c, "EXPUNGE", c.mailbox, nil)
	return p
}

// UIDExpunge removes those messages of set that are marked \Deleted (UIDPLUS, RFC 4315 §2.1).
func (c *Client) UIDExpunge(set goimap.UIDSet) *Pending[None] {
	if err := c.need("UID EXPUNGE", goimap.CapUIDPlus); err != nil {
		return refuse[None](c, err)
	}
	p := &Pending[None]{c: c, data: new(None)}
	for _, part := range splitSet(set) {
		cmd := c.start("UID EXPUNGE", func(e *encoder) { e.Atom(part) })
		cmd.setMailbox(c.mailbox)
		p.cmds = append(p.cmds, cmd)
	}
	return p
}
