package imap

import (
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// write writes the items and modifiers.
func (opt *FetchOptions) write(e *encoder, set goimap.NumSet) {
	_, byUID := set.(goimap.UIDSet)
	e.Atom("(")
	for _, item := range []struct {
		on   bool
		name string
	}{
		{opt.UID || byUID, "UID"},
		{opt.Flags || opt.ChangedSince != 0, "FLAGS"},
		{opt.InternalDate, "INTERNALDATE"},
		{opt.RFC822Size, "RFC822.SIZE"},
		{opt.Envelope, "ENVELOPE"},
		{opt.ModSeq, "MODSEQ"},
		{opt.BodyStructure != nil && !opt.BodyStructure.Extended, "BODY"},
		{opt.BodyStructure != nil && opt.BodyStructure.Extended, "BODYSTRUCTURE"},
	} {
		if item.on {
			e.Atom(item.name)
		}
	}
	for _, name := range opt.Extra {
		if !isAtom(strings.NewReplacer("[", "", "]", "").Replace(name)) {
			e.fail("item %q", name)
		}
		e.Atom(name)
	}
	opt.sections(e)
	e.Atom(")")
	opt.modifiers(e)
}

// modifiers writes what follows the items (RFC 4466 §2.5).
func (opt *FetchOptions) modifiers(e *encoder) {
	if opt.ChangedSince == 0 && opt.Partial == nil {
		return
	}
	e.Atom("(")
	if opt.ChangedSince != 0 {
		e.Atom("CHANGEDSINCE")
		e.number(opt.ChangedSince)
		if opt.Vanished {
			e.Atom("VANISHED")
		}
	}
	if opt.Partial != nil {
		e.Atom("PARTIAL")
		e.Atom(opt.Partial.String())
	}
	e.Atom(")")
}

// sections writes the items that are content.
func (opt *FetchOptions) sections(e *encoder) {
	for _, s := range opt.BinarySectionSize {
		e.Atom("BINARY.SIZE[" + partNumber(s.Part) + "]")
	}
	for _, s := range opt.BinarySection {
		e.Atom(peeked("BINARY", s.Peek) + "[" + partNumber(s.Part) + "]" + partial(s.Partial))
	}
	for _, s := range opt.BodySection {
		words := []string{}
		if len(s.Part) > 0 {
			words = append(words, partNumber(s.Part))
		}
		if s.Specifier != goimap.PartSpecifierNone {
			words = append(words, string(s.Specifier))
		}
		name := strings.Join(words, ".")
		fields := s.HeaderFields
		if len(fields) > 0 {
			name += ".FIELDS"
		} else if len(s.HeaderFieldsNot) > 0 {
			name, fields = name+".FIELDS.NOT", s.HeaderFieldsNot
		}
		if len(fields) > 0 {
			for _, field := range fields {
				if !isAtom(field) || strings.Contains(field, "]") {
					e.fail("field name %q", field)
				}
			}
			name += " (" + strings.Join(fields, " ") + ")"
		}
		e.Atom(peeked("BODY", s.Peek) + "[" + name + "]" + partial(s.Partial))
	}
}

func peeked(name string, peek bool) string {
	if peek {
		return name + ".PEEK"
	}
	return name
}

func partNumber(part []int) string {
	numbers := make([]string, len(part))
	for i, n := range part {
		numbers[i] = strconv.Itoa(n)
	}
	return strings.Join(numbers, ".")
}

func partial(p *goimap.SectionPartial) string {
	if p == nil {
		return ""
	}
	return "<" + strconv.FormatInt(p.Offset, 10) + "." + strconv.FormatInt(p.Size, 10) + ">"
}
