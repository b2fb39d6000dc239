package mimetool

import (
	"slices"
	"strings"
)

// content is what the header fields of RFC 2045 and 2183 say, read when it is asked for.
type content struct {
	haveType, haveDisposition bool
	params                    Params
	disposition               string
	dispositionParams         Params
}

// Params are the parameters of the Content-Type. What is wrong with them joins the part's Defects.
func (p *Part) Params() Params {
	if !p.content.haveType {
		p.content.haveType = true
		_, p.content.params = p.structured("Content-Type", p.w.Words)
	}
	return p.content.params
}

// Disposition is the Content-Disposition in lower case, "" where there is none, and its parameters (RFC 2183 §2).
func (p *Part) Disposition() (string, Params) {
	if !p.content.haveDisposition {
		p.content.haveDisposition = true
		p.content.disposition, p.content.dispositionParams = p.structured("Content-Disposition", p.wordOptions())
	}
	return p.content.disposition, p.content.dispositionParams
}

// structured reads a field with parameters.
func (p *Part) structured(name string, opt WordOptions) (string, Params) {
	i := p.Header.Index(name)
	if i < 0 {
		return "", nil
	}
	value, params, defects := ParseParams(string(p.Header[i].Body()), opt)
	p.fieldDefects(i, defects)
	return value, params
}

// fieldDefects takes the defects of a field, whose offsets count from its body, into the part's.
func (p *Part) fieldDefects(i int, defects []Defect) {
	if len(defects) == 0 {
		return
	}
	f := &p.Header[i]
	at := p.fieldOffset(i) + int64(len(f.Raw)-len(f.Body()))
	for _, d := range defects {
		d.Where = f.Name
		if d.Offset >= 0 {
			d.Offset += at
		}
		p.Defects = addDefect(p.Defects, d)
	}
}

// fieldOffset is where a field of the header begins in the message.
func (p *Part) fieldOffset(i int) int64 {
	at := p.HeaderStart
	for _, f := range p.Header[:i] {
		at += int64(len(f.Raw))
	}
	return at
}

// wordOptions are the walker's, with the charset of the Content-Type where they name none.
func (p *Part) wordOptions() WordOptions {
	opt := p.w.Words
	if opt.Charset == "" {
		opt.Charset = p.Params().Get("charset")
	}
	return opt
}

// Name is the file name that the part has: the filename of its Content-Disposition, or the name of its Content-Type
// (RFC 2183 §2.3). It is the sender's: make it safe with SafeName before a file is called so.
func (p *Part) Name() string {
	if _, params := p.Disposition(); params != nil {
		if name := params.Get("filename"); name != "" {
			return name
		}
	}
	if name := p.Params().Get("name"); name != "" {
		return name
	}
	_, params := p.Disposition()
	return params.Get("name") // against RFC 2183, but seen
}

// Charset is that which the Content-Type declares, in lower case; "" where it declares none.
func (p *Part) Charset() string { return strings.ToLower(p.Params().Get("charset")) }

// Description is the Content-Description as text (RFC 2045 §8).
func (p *Part) Description() string {
	text, _ := DecodeWords(p.Header.Get("Content-Description"), p.wordOptions())
	return text
}

// ContentID is the Content-ID without its angle brackets (RFC 2045 §7).
func (p *Part) ContentID() string {
	text, _ := DecodeWords(p.Header.Get("Content-ID"), p.w.Words)
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "<"), ">")
}

// IsAttachment tells whether the part has a name or is marked as an attachment.
func (p *Part) IsAttachment() bool {
	// Most parts have neither field.
	if !slices.ContainsFunc(p.Header, func(f Field) bool {
		return f.Is("Content-Disposition") || f.Is("Content-Type") && strings.Contains(strings.ToLower(string(f.Raw)), "name")
	}) {
		return false
	}
	disposition, _ := p.Disposition()
	return disposition == "attachment" || p.Name() != ""
}
