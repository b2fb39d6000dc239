package main

import (
	"bytes"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/mimetool"
	"posta/mimetool/stream"
)

// attachmentPlan is which parts of a message are to be fetched.
type attachmentPlan struct {
	uid      goimap.UID
	seq      uint32
	parts    []wantedPart
	sections string // a text that says which parts
}

// wantedPart is one of them. Its number is "" where the message is fetched whole, since its structure says too little.
// There may be very many, so the structure itself is not kept.
type wantedPart struct {
	number  string
	section *goimap.FetchItemBodySection // of the header
	header  string                       // by the structure
	octets  int64                        // about
}

// maxWantedParts is how many parts of one message are fetched one by one; with more the message is fetched whole.
const maxWantedParts = 200

// plan says what of a message is wanted. Messages of which nothing is are left out.
func (a *attachmentJob) plan(m *imap.Message) error {
	if !a.asked[m.UID] {
		return nil
	}
	delete(a.asked, m.UID)
	plan := attachmentPlan{uid: m.UID, seq: m.Seq}
	if m.BodyStructure == nil {
		plan.parts = []wantedPart{{}}
	} else if err := a.choose(&plan, m.BodyStructure); err != nil {
		return err
	}
	if len(plan.parts) > 0 {
		a.next = append(a.next, plan)
	}
	return nil
}

// choose finds the wanted parts in a structure.
func (a *attachmentJob) choose(plan *attachmentPlan, bs goimap.BodyStructure) (err error) {
	var sections strings.Builder
	walkStructure(bs, func(p imapPart) bool {
		if err != nil || len(plan.parts) > maxWantedParts {
			return false
		}
		wants := false
		if wants, err = a.wants(plan.uid, p); !wants {
			return p.isMessage()
		}
		plan.parts = append(plan.parts, wantedPart{p.number, p.headerSection(), string(p.header()), p.about()})
		sections.WriteString(p.number)
		sections.WriteByte(',')
		return p.isMessage() && !p.isEncodedMessage() && a.unpacking.opt.unpack.DryRun // what is in it is not looked at here then
	})
	if len(plan.parts) > maxWantedParts {
		plan.parts = []wantedPart{{}}
		sections.Reset()
	}
	plan.sections = sections.String()
	return err
}

// wants says whether a part is to be fetched. One that is too large is told of here.
func (a *attachmentJob) wants(uid goimap.UID, p imapPart) (bool, error) {
	opt := a.unpacking.opt
	switch {
	case p.isMessage(): // what is in it is looked at too, there or here
		return p.isEncodedMessage() || p.isAttachment() && a.matches(p), nil
	case p.holdsFiles():
		return true, nil
	case !opt.unpack.All && !p.isAttachment():
		return false, nil
	case p.mayEmbed():
		return true, nil
	}
	if !a.matches(p) {
		return false, nil
	}
	if opt.unpack.MaxSize == 0 || p.atLeast() <= opt.unpack.MaxSize {
		return true, nil
	}
	a.found++
	entry := a.entry(p)
	entry.Skipped = "size"
	a.unpacking.place.UID, a.unpacking.about = uid, p.about()
	return false, a.unpacking.entry(&stream.Message{}, entry)
}

// matches says whether a part is like one of the patterns, as far as the structure tells.
func (a *attachmentJob) matches(p imapPart) bool {
	if a.unpacking.opt.match == nil {
		return true
	}
	entry := a.entry(p)
	return likeOneOf(a.unpacking.opt.match, entry.Name, entry.Type)
}

// entry is what the structure tells of a file.
func (a *attachmentJob) entry(p imapPart) *mimetool.Entry {
	if a.walker == nil {
		a.walker = mimetool.NewWalker(nil, mimetool.Limits{})
		a.walker.Words = a.unpacking.opt.unpack.Words
	}
	a.walker.Reset(bytes.NewReader(p.header()))
	e := &mimetool.Entry{Part: p.number, Type: p.mediaType(), Size: p.about()}
	if part, err := a.walker.Next(); err == nil {
		e.Name, e.Description, e.ContentID = part.Name(), part.Description(), part.ContentID()
		e.Disposition, _ = part.Disposition()
	}
	return e
}
