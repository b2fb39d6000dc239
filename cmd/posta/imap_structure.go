package main

import (
	"fmt"
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// imapPart is a part as BODYSTRUCTURE tells of it.
type imapPart struct {
	number string // "2.1"
	alone  bool   // it is all of a message's body: its header is the message's
	*goimap.BodyStructureSinglePart
}

// walkStructure gives the parts that are not multiparts, numbered as RFC 9051 §6.4.5 has it. Those in a message are given
// after it if into says so.
func walkStructure(bs goimap.BodyStructure, into func(imapPart) bool) { walkEntity(bs, "", into) }

// walkEntity walks a message, whose number is prefix: the parts of its multipart are its own, and otherwise its body is
// its part 1.
func walkEntity(bs goimap.BodyStructure, prefix string, into func(imapPart) bool) {
	if multi, ok := bs.(*goimap.BodyStructureMultiPart); ok {
		walkChildren(multi, prefix, into)
		return
	}
	walkPart(bs, below(prefix, 1), true, into)
}

func walkChildren(multi *goimap.BodyStructureMultiPart, prefix string, into func(imapPart) bool) {
	for i, child := range multi.Children {
		walkPart(child, below(prefix, i+1), false, into)
	}
}

func walkPart(bs goimap.BodyStructure, number string, alone bool, into func(imapPart) bool) {
	switch bs := bs.(type) {
	case *goimap.BodyStructureMultiPart:
		walkChildren(bs, number, into)
	case *goimap.BodyStructureSinglePart:
		if into(imapPart{number, alone, bs}) && bs.MessageRFC822 != nil {
			walkEntity(bs.MessageRFC822.BodyStructure, number, into)
		}
	}
}

func below(prefix string, n int) string {
	if prefix == "" {
		return strconv.Itoa(n)
	}
	return prefix + "." + strconv.Itoa(n)
}

// partOf finds the part of a number. It is false for one that is not there; a multipart has no data of its own here.
func partOf(bs goimap.BodyStructure, number string) (part imapPart, ok bool) {
	walkStructure(bs, func(p imapPart) bool {
		if p.number == number || !ok && strings.HasPrefix(p.number, number+".") {
			ok = true
		}
		if p.number == number {
			part = p
		}
		return strings.HasPrefix(number, p.number+".") || strings.HasPrefix(p.number, number+".")
	})
	return part, ok
}

// headerSection is where the part's header is (RFC 9051 §6.4.5.1).
func (p imapPart) headerSection() *goimap.FetchItemBodySection {
	section := &goimap.FetchItemBodySection{Part: partPath(p.number), Specifier: goimap.PartSpecifierMIME, Peek: true}
	if p.alone {
		section.Part, section.Specifier = section.Part[:len(section.Part)-1], goimap.PartSpecifierHeader
	}
	return section
}

func (p imapPart) mediaType() string { return strings.ToLower(p.Type + "/" + p.Subtype) }

func (p imapPart) isMessage() bool {
	return p.mediaType() == "message/rfc822" || p.mediaType() == "message/global"
}

// isAttachment says whether the part has a name or is marked as an attachment, as mimetool's Part does.
func (p imapPart) isAttachment() bool {
	named := func(params map[string]string, name string) bool {
		for key, value := range params {
			if value != "" && (key == name || strings.HasPrefix(key, name+"*")) { // RFC 2231
				return true
			}
		}
		return false
	}
	if d := p.Disposition(); d != nil && (strings.EqualFold(d.Value, "attachment") || named(d.Params, "filename")) {
		return true
	}
	return named(p.Params, "name")
}

// isEncodedMessage says whether the part is a message in an encoding, whose parts a server does not see.
func (p imapPart) isEncodedMessage() bool {
	encoding := strings.ToLower(p.Encoding)
	return p.isMessage() && (p.MessageRFC822 == nil || encoding == "base64" || encoding == "quoted-printable")
}

// holdsFiles says whether files stand in the part by an encoding of its own.
func (p imapPart) holdsFiles() bool {
	switch p.mediaType() {
	case "application/ms-tnef", "application/vnd.ms-tnef", "application/mac-binhex40":
		return true
	case "message/partial":
		return p.Params["number"] == "1"
	}
	d := p.Disposition()
	return strings.EqualFold(p.Params["name"], "winmail.dat") || d != nil && strings.EqualFold(d.Params["filename"], "winmail.dat")
}

// mayEmbed says whether it is a text in which files may stand as uuencode or yEnc.
func (p imapPart) mayEmbed() bool {
	d := p.Disposition()
	return p.mediaType() == "text/plain" && (d == nil || !strings.EqualFold(d.Value, "attachment"))
}

// header is the part's MIME header, made again of what the server tells of it. It takes the place of one that cannot be
// had, and tells what the part is before that comes.
func (p imapPart) header() []byte {
	var b strings.Builder
	field := func(name, value string, params map[string]string) {
		if value == "" {
			return
		}
		fmt.Fprintf(&b, "%s: %s", name, oneLine(value))
		for key, value := range params {
			if strings.HasSuffix(key, "*") {
				fmt.Fprintf(&b, ";\r\n %s=%s", oneLine(key), oneLine(value))
			} else {
				fmt.Fprintf(&b, ";\r\n %s=\"%s\"", oneLine(key), strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(oneLine(value)))
			}
		}
		b.WriteString("\r\n")
	}
	if p.BodyStructureSinglePart != nil {
		field("Content-Type", p.mediaType(), p.Params)
		field("Content-Transfer-Encoding", p.Encoding, nil)
		if d := p.Disposition(); d != nil {
			field("Content-Disposition", d.Value, d.Params)
		}
		field("Content-ID", p.ID, nil)
		field("Content-Description", p.Description, nil)
	}
	return []byte(b.String() + "\r\n")
}

// oneLine keeps a text within its line.
func oneLine(s string) string {
	return strings.NewReplacer("\r", " ", "\n", " ", "\x00", "").Replace(s)
}

// atLeast is how many octets the content has at least without its transfer encoding.
func (p imapPart) atLeast() int64 {
	switch strings.ToLower(p.Encoding) {
	case "base64":
		return int64(p.Size) / 2
	case "quoted-printable":
		return int64(p.Size) / 4
	case "7bit", "8bit", "binary", "":
		return int64(p.Size)
	}
	return 0
}

// about is how many octets it has when the encoding is as usual.
func (p imapPart) about() int64 {
	if strings.EqualFold(p.Encoding, "base64") {
		return int64(p.Size) * 57 / 78 // lines of 76 characters
	}
	return int64(p.Size)
}
