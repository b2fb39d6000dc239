package main

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/mimetool"
)

// imapLetter is a message as search --json and list show it.
type imapLetter struct {
	Folder       string             `json:"folder"`
	UID          goimap.UID         `json:"uid"`
	Flags        []string           `json:"flags"`
	Size         int64              `json:"size"`
	InternalDate string             `json:"internal_date,omitempty"`
	Date         string             `json:"date,omitempty"`
	Subject      string             `json:"subject,omitempty"`
	MessageID    string             `json:"message_id,omitempty"`
	InReplyTo    []string           `json:"in_reply_to,omitempty"`
	References   []string           `json:"references,omitempty"`
	From         []mimetool.Address `json:"from,omitempty"`
	Sender       []mimetool.Address `json:"sender,omitempty"`
	ReplyTo      []mimetool.Address `json:"reply_to,omitempty"`
	To           []mimetool.Address `json:"to,omitempty"`
	Cc           []mimetool.Address `json:"cc,omitempty"`
	Bcc          []mimetool.Address `json:"bcc,omitempty"`

	from   string // From as text
	header []byte // the fields, until they are decoded
}

// letterFetch asks for what a letter is shown by: the header's own fields and not ENVELOPE, in which servers have
// already lost what they did not understand. JSON has more of them.
func letterFetch(json bool) imap.FetchOptions {
	fields := []string{"DATE", "FROM", "SUBJECT"}
	if json {
		fields = append(fields, "SENDER", "REPLY-TO", "TO", "CC", "BCC", "MESSAGE-ID", "IN-REPLY-TO", "REFERENCES")
	}
	var opt imap.FetchOptions
	opt.UID, opt.Flags, opt.InternalDate, opt.RFC822Size = true, true, true, true
	opt.BodySection = []*goimap.FetchItemBodySection{{Specifier: goimap.PartSpecifierHeader, HeaderFields: fields, Peek: true}}
	return opt
}

// maxLetterHeader is how much of the fields is looked at. What a letter has beyond is no subject or sender.
const maxLetterHeader = 64 << 10

// readIMAPLetter makes a letter of a message of letterFetch; buf is for its header, of which max octets are looked at. It is
// nil for a message that is told of unasked.
func readIMAPLetter(m *imap.Message, buf []byte, max int64) (*imapLetter, error) {
	l := &imapLetter{header: buf[:0]}
	asked := false
	for {
		section, err := m.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if asked = true; section.HeaderFields() == nil {
			continue
		}
		n := int(min(section.Size, max))
		l.header = slices.Grow(l.header[:0], n)[:n]
		if _, err := io.ReadFull(section, l.header); err != nil {
			return nil, err
		}
	}
	if !asked {
		return nil, nil
	}
	l.UID, l.Flags, l.Size = m.UID, flagWords(m.Flags), m.Size
	if !m.InternalDate.IsZero() {
		l.InternalDate = m.InternalDate.UTC().Format(time.RFC3339)
	}
	return l, nil
}

// decode reads the header; all of it for JSON.
func (l *imapLetter) decode(all bool) {
	for _, f := range mimetool.ParseHeader(l.header) {
		l.field(f, all)
	}
	l.header = nil
}

// field takes one. Of a field that stands twice the first counts.
func (l *imapLetter) field(f mimetool.Field, all bool) {
	once := func(s *string) {
		if *s == "" {
			*s, _ = mimetool.DecodeField(f, mimetool.WordOptions{})
		}
	}
	list := func(a *[]mimetool.Address) {
		if all && *a == nil {
			*a, _ = mimetool.ParseAddressList(string(f.Body()), mimetool.WordOptions{})
		}
	}
	switch name := strings.ToLower(f.Name); name {
	case "date":
		once(&l.Date)
		if date, err := mimetool.ParseDate(l.Date); err == nil {
			l.Date = date.UTC().Format(time.RFC3339)
		}
	case "subject":
		once(&l.Subject)
	case "from":
		once(&l.from)
		list(&l.From)
	case "sender":
		list(&l.Sender)
	case "reply-to":
		list(&l.ReplyTo)
	case "to":
		list(&l.To)
	case "cc":
		list(&l.Cc)
	case "bcc":
		list(&l.Bcc)
	default:
		l.identifiers(name, f)
	}
}

// identifiers takes the fields that have them (RFC 5322 §3.6.4).
func (l *imapLetter) identifiers(name string, f mimetool.Field) {
	ids := mimetool.MessageIDs(string(f.Body()))
	switch {
	case len(ids) == 0:
	case name == "message-id" && l.MessageID == "":
		l.MessageID = ids[0]
	case name == "in-reply-to" && l.InReplyTo == nil:
		l.InReplyTo = ids
	case name == "references" && l.References == nil:
		l.References = ids
	}
}

// print prints a letter as an object or a line, for a terminal in columns. The line has the folder where there are several.
func (l *imapLetter) print(out *output, json, folders bool) error {
	l.decode(json)
	switch {
	case json:
		return out.JSON(l)
	case out.tty && out.end == '\n':
		return out.Line(l.row(out.columns(), folders))
	}
	fields := make([]string, 0, 7)
	if folders {
		fields = append(fields, l.Folder)
	}
	date := firstOf(l.Date, l.InternalDate)
	return out.Line(append(fields, strconv.FormatUint(uint64(l.UID), 10), strconv.FormatInt(l.Size, 10),
		strings.Join(l.Flags, ","), l.from, date, l.Subject)...)
}
