package imap

import (
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// Program is a search in the wire's words (RFC 9051 §6.4.4): it writes its keys as atoms (parentheses are atoms of their
// own) and their arguments as strings. Criteria is one; fetch/query's queries are. One that also has Needs() []string, the
// capabilities that it needs, is not sent to a server without them (ErrUnsupported).
type Program interface {
	WriteSearch(w interface {
		Atom(word string)
		String(text string)
	}) error
}

// SearchOptions says what a search returns. The zero value is All.
type SearchOptions struct {
	goimap.SearchOptions
	Seq     bool     // sequence numbers instead of UIDs
	Partial *Partial // returns a part in Found.All; not with ReturnAll
}

// Found is what a search found. All is a goimap.UIDSet, or with SearchOptions.Seq a goimap.SeqSet; none found is an empty
// one. Without ESEARCH the server sends all in any case, and Min, Max and Count are computed; so is, without PARTIAL, the part.
type Found struct{ goimap.SearchData }

// UIDs are those found, in ascending order and each once, in whatever order the server tells them.
func (f *Found) UIDs() goimap.UIDSet {
	uids, _ := f.All.(goimap.UIDSet)
	return goimap.UIDSet(slices.Clone(ranges(uids)).ascending())
}

// Search searches the selected mailbox. With ESEARCH what was found comes as ranges. Words that are not ASCII go as
// UTF-8, which servers may refuse (*Error with the code BADCHARSET).
func (c *Client) Search(program Program, opt SearchOptions) *Pending[Found] {
	cut, err := opt.settle(c, program)
	if err != nil {
		return refuse[Found](c, err)
	}
	extended := c.caps.Has(goimap.CapESearch)
	p, cmd := pend[Found](c, verb("SEARCH", opt.Seq), c.mailbox, func(e *encoder) {
		if extended {
			opt.write(e)
		}
		c.program(e, program, "CHARSET")
	})
	cmd.saves = opt.ReturnSave
	if !extended {
		cmd.nameless = "SEARCH"
	}
	cmd.found = func(n node) error { return readExtended(n, &p.data.SearchData, opt.Seq) }
	var set ranges
	p.data.All = found(set, opt.Seq)
	cmd.takes = func(r response) (bool, error) {
		switch {
		case r.name == "SEARCH":
			modSeq, err := c.in.numbers(func(n uint32) bool { return set.add(n, n) })
			p.data.ModSeq = modSeq
			return true, err
		case r.name == "ESEARCH":
			return true, c.extendedSearch(cmd)
		}
		return false, nil
	}
	cmd.end = func(*Status) {
		if set != nil {
			p.data.compute(set, opt.Seq)
		}
		if cut != nil {
			p.data.All = cut.of(p.data.All)
		}
	}
	return p
}

// settle fills in what is to be returned, and tells the part that has to be cut out here.
func (opt *SearchOptions) settle(c *Client, program Program) (cut *Partial, err error) {
	if err := opt.Partial.check(opt); err != nil {
		return nil, err
	}
	if opt.ReturnSave {
		if err := c.need("SEARCH", goimap.CapSearchRes); err != nil {
			return nil, err
		}
	}
	if err := c.understands("SEARCH", program); err != nil {
		return nil, err
	}
	if opt.Partial != nil && !c.cutsOut(opt.Partial) {
		cut, opt.Partial = opt.Partial, nil
	}
	if !opt.ReturnMin && !opt.ReturnMax && !opt.ReturnCount && !opt.ReturnSave && opt.Partial == nil || cut != nil {
		opt.ReturnAll = true
	}
	return cut, nil
}

// understands refuses a program that the server does not know the words of.
func (c *Client) understands(command string, program Program) error {
	demanding, ok := program.(interface{ Needs() []string })
	if !ok {
		return nil
	}
	for _, capability := range demanding.Needs() {
		if err := c.need(command, goimap.Cap(capability)); err != nil {
			return err
		}
	}
	return nil
}

func verb(name string, seq bool) string {
	if seq {
		return name
	}
	return "UID " + name
}

// write writes the result options (RFC 4731 §3.1).
func (opt *SearchOptions) write(e *encoder) {
	var words []string
	for _, item := range []struct {
		on   bool
		name string
	}{{opt.ReturnMin, "MIN"}, {opt.ReturnMax, "MAX"}, {opt.ReturnAll, "ALL"}, {opt.ReturnCount, "COUNT"}, {opt.ReturnSave, "SAVE"}} {
		if item.on {
			words = append(words, item.name)
		}
	}
	if opt.Partial != nil {
		words = append(words, "PARTIAL", opt.Partial.String())
	}
	e.Atom("RETURN")
	e.words(words...)
}

// program writes the keys, and before them the charset if they need one: RFC 6855 §3 forbids it once UTF-8 is agreed on.
func (c *Client) program(e *encoder, program Program, charset string) {
	probe := &encoder{literals: literalPlus}
	if err := program.WriteSearch(probe); err != nil {
		e.err = err
		return
	}
	switch {
	case charset == "":
		if probe.nonASCII || c.utf8 {
			e.Atom("UTF-8")
		} else {
			e.Atom("US-ASCII")
		}
	case probe.nonASCII && !c.utf8:
		e.Atom(charset)
		e.Atom("UTF-8")
	}
	if len(probe.buf) == 0 {
		e.Atom("ALL")
	}
	program.WriteSearch(e)
}

func found(set ranges, seq bool) goimap.NumSet {
	if seq {
		return set.seqSet()
	}
	if set == nil {
		return goimap.UIDSet{}
	}
	return goimap.UIDSet(set)
}

// compute makes of plain SEARCH what ESEARCH would say.
func (f *Found) compute(set ranges, seq bool) {
	f.All = found(set, seq)
	f.Min, f.Max, f.Count = 0, 0, 0
	for _, r := range set {
		f.Count += uint32(r.Stop-r.Start) + 1
		f.Max = max(f.Max, uint32(r.Stop))
		if f.Min == 0 || uint32(r.Start) < f.Min {
			f.Min = uint32(r.Start)
		}
	}
}

// extendedSearch reads ESEARCH (RFC 9051 §7.3.4): (TAG "x") UID ALL 1:3 COUNT 3. The tag says whose it is: servers search for
// several at once, and Dovecot tells what they found before the first of them is done. Without a tag it is that of the oldest.
func (c *Client) extendedSearch(oldest *command) error {
	list, err := c.in.values()
	if err != nil {
		return err
	}
	n, owner := node{list: list}, oldest
	if head := n.at(0); head.kind == kindList {
		if tag := head.at(1).text; strings.EqualFold(head.at(0).text, "TAG") && tag != oldest.tag {
			i := slices.IndexFunc(c.flight, func(cmd *command) bool { return cmd.tag == tag && cmd.found != nil })
			if i < 0 {
				return nil // RFC 5267's notifications, or an earlier command's
			}
			owner = c.flight[i]
		}
		n.list = n.from(1)
	}
	return owner.found(n)
}

// readExtended reads what an ESEARCH says of what was found.
func readExtended(n node, data *goimap.SearchData, seq bool) error {
	if strings.EqualFold(n.at(0).text, "UID") {
		n.list = n.from(1)
	}
	for i := 0; i+1 < len(n.list); i += 2 {
		value := n.at(i + 1)
		switch strings.ToUpper(n.at(i).text) {
		case "MIN":
			data.Min = uint32(value.number())
		case "MAX":
			data.Max = uint32(value.number())
		case "COUNT":
			data.Count = uint32(value.number())
		case "MODSEQ":
			data.ModSeq = value.number()
		case "ALL":
			set, err := parseSet(value.text)
			if err != nil {
				return err
			}
			data.All = found(set, seq)
		case "PARTIAL": // RFC 9394 §3.1: the range that was asked for, and NIL where nothing is in it
			if value = value.at(1); value.kind == kindNil || value.text == "" {
				continue
			}
			set, err := parseSet(value.text)
			if err != nil {
				return err
			}
			data.All = found(set, seq)
		}
	}
	return nil
}
