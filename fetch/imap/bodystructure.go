package imap

import (
	"math"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// bodyStructure understands BODY and BODYSTRUCTURE (RFC 9051 §7.5.2). nil: it is none.
func bodyStructure(n node) goimap.BodyStructure {
	switch {
	case n.kind != kindList || len(n.list) == 0:
		return nil
	case n.at(0).kind == kindList:
		return multiPart(n)
	case n.at(0).kind == kindNil && n.at(1).kind == kindString && n.at(2).kind == kindList && n.at(6).number() == 0:
		n.list = n.list[1:] // a multipart without parts
		return multiPart(n)
	case n.at(1).kind == kindList: // a type without a subtype
		n.list = slices.Insert(slices.Clone(n.list), 1, node{})
	}
	return singlePart(n)
}

// multiPart is (part part… subtype params disposition language location).
func multiPart(n node) goimap.BodyStructure {
	mp := &goimap.BodyStructureMultiPart{}
	i := 0
	for ; n.at(i).kind == kindList; i++ {
		child := bodyStructure(n.at(i))
		if child == nil { // the numbers of the parts after it must stay right
			child = &goimap.BodyStructureSinglePart{Type: "application", Subtype: "octet-stream"}
		}
		mp.Children = append(mp.Children, child)
	}
	mp.Subtype = n.at(i).text
	if len(n.list) > i+1 {
		mp.Extended = &goimap.BodyStructureMultiPartExt{
			Params:      parameters(n.at(i + 1)),
			Disposition: disposition(n.at(i + 2)),
			Language:    language(n.at(i + 3)),
			Location:    n.at(i + 4).text,
		}
	}
	return mp
}

// singlePart is (type subtype params id description encoding size …), where what follows depends on the type.
func singlePart(n node) goimap.BodyStructure {
	sp := &goimap.BodyStructureSinglePart{
		Type:        n.at(0).text,
		Subtype:     n.at(1).text,
		Params:      parameters(n.at(2)),
		ID:          n.at(3).text,
		Description: n.at(4).text,
		Encoding:    n.at(5).text,
		Size:        uint32(min(n.at(6).number(), math.MaxUint32)),
	}
	i := 7
	switch {
	case strings.EqualFold(sp.Type, "text"):
		sp.Text = &goimap.BodyStructureText{NumLines: lines(n.at(7))}
		i = 8
	case isMessage(sp) && n.at(7).kind == kindList: // some servers leave these out
		sp.MessageRFC822 = &goimap.BodyStructureMessageRFC822{
			Envelope: envelope(n.at(7)), BodyStructure: bodyStructure(n.at(8)), NumLines: lines(n.at(9)),
		}
		i = 10
	}
	if len(n.list) > i+1 { // the MD5 alone says nothing
		sp.Extended = &goimap.BodyStructureSinglePartExt{
			Disposition: disposition(n.at(i + 1)),
			Language:    language(n.at(i + 2)),
			Location:    n.at(i + 3).text,
		}
	}
	return sp
}

func isMessage(sp *goimap.BodyStructureSinglePart) bool {
	return strings.EqualFold(sp.Type, "message") && (strings.EqualFold(sp.Subtype, "rfc822") || strings.EqualFold(sp.Subtype, "global"))
}

func lines(n node) int64 { return int64(min(n.number(), maxLiteral)) }

// parameters are (name value name value…); names are in lower case, the first of a name counts.
func parameters(n node) map[string]string {
	if n.kind != kindList {
		return nil
	}
	params := make(map[string]string, len(n.list)/2)
	for i := 0; i+1 < len(n.list); i += 2 {
		name := strings.ToLower(n.at(i).text)
		if _, twice := params[name]; !twice {
			params[name] = n.at(i + 1).text
		}
	}
	return params
}

// disposition is (type params), or NIL.
func disposition(n node) *goimap.BodyStructureDisposition {
	if n.kind == kindString { // Exchange has it without the list
		return &goimap.BodyStructureDisposition{Value: n.text}
	}
	if n.kind != kindList || len(n.list) == 0 {
		return nil
	}
	return &goimap.BodyStructureDisposition{Value: n.at(0).text, Params: parameters(n.at(1))}
}

// language is a string or a list of them.
func language(n node) []string {
	if n.kind == kindList {
		return texts(n)
	}
	if n.text == "" {
		return nil
	}
	return []string{n.text}
}
