package mimetool

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"
)

var (
	errFieldBreak = errors.New("line end or NUL in a header field")
	errFieldName  = errors.New("not a header field's name")
	errFieldOurs  = errors.New("this field is made of the content")
)

// draftDate is RFC 5322 §3.3's date-time.
const draftDate = "Mon, 2 Jan 2006 15:04:05 -0700"

// draftWriter writes a message and keeps its length and the first error.
type draftWriter struct {
	w          *bufio.Writer
	eol        string
	boundary   string // of the outermost multipart
	given      bool   // the boundary is the caller's
	boundaries int
	n          int64
	err        error
}

func newDraftWriter(w io.Writer, d *Draft) *draftWriter {
	eol := d.LineEnd
	if eol == "" {
		eol = "\r\n"
	}
	return &draftWriter{w: bufio.NewWriterSize(w, 32<<10), eol: eol, boundary: d.Boundary, given: d.Boundary != ""}
}

func (o *draftWriter) flush() error {
	if o.err == nil {
		o.err = o.w.Flush()
	}
	return o.err
}

func (o *draftWriter) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	o.n += int64(n)
	o.err = err
	return n, err
}

func (o *draftWriter) text(s string) { io.WriteString(o, s) }

// fields writes the fields of d that are not the body's.
func (o *draftWriter) fields(d *Draft) error {
	lists := []struct {
		name string
		list []mail.Address
	}{{"From", d.From}, {"Sender", d.Sender}, {"Reply-To", d.ReplyTo}, {"To", d.To}, {"Cc", d.Cc}, {"Bcc", d.Bcc}}
	for _, l := range lists {
		if err := o.addresses(l.name, l.list); err != nil {
			return err
		}
	}
	for _, f := range d.singleFields() {
		if err := o.field(f.Name, f.Value); err != nil {
			return err
		}
	}
	for _, f := range d.Fields {
		if err := o.ownField(f); err != nil {
			return err
		}
	}
	return o.err
}

// singleFields are the fields that d has beside the addresses and its Fields.
func (d *Draft) singleFields() []DraftField {
	var fields []DraftField
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, DraftField{name, value})
		}
	}
	add("Subject", d.Subject)
	if !d.Date.IsZero() {
		add("Date", d.Date.Format(draftDate))
	}
	add("Message-ID", angled(d.MessageID))
	add("In-Reply-To", angled(d.InReplyTo))
	return fields
}

// angled is an identifier in angle brackets.
func angled(id string) string {
	if id == "" || strings.HasPrefix(id, "<") {
		return id
	}
	return "<" + id + ">"
}

func (o *draftWriter) addresses(name string, list []mail.Address) error {
	if len(list) == 0 {
		return nil
	}
	for _, a := range list {
		if err := checkFieldText(name, a.Name+a.Address); err != nil {
			return err
		}
	}
	_, err := o.Write(EncodeAddresses(name, list, o.eol))
	return err
}

// ownField writes a field of Draft.Fields.
func (o *draftWriter) ownField(f DraftField) error {
	if l := strings.ToLower(f.Name); l == "mime-version" || strings.HasPrefix(l, "content-") {
		return &DraftError{f.Name, errFieldOurs}
	}
	return o.field(f.Name, f.Value)
}

func (o *draftWriter) field(name, value string) error {
	b, err := EncodeField(name, value, o.eol)
	if err != nil {
		return err
	}
	_, err = o.Write(b)
	return err
}

// EncodeField is a whole header field of UTF-8 text, folded and ended with eol, in the way of its kind: address
// fields keep their syntax, fields of identifiers and dates go as they are, all others are unstructured. A line end
// or a NUL in it is an error: nothing may slip another field in.
func EncodeField(name, value, eol string) ([]byte, error) {
	if !plainFieldName(name) {
		return nil, &DraftError{fmt.Sprintf("field %q", name), errFieldName}
	}
	if err := checkFieldText(name, value); err != nil {
		return nil, err
	}
	if isAddressField(name) {
		return EncodeAddressText(name, value, eol), nil
	}
	return EncodeUnstructured(name, value, eol), nil
}

func checkFieldText(name, value string) error {
	if strings.ContainsAny(value, "\r\n\x00") {
		return &DraftError{name, errFieldBreak}
	}
	return nil
}

// plainFieldName is RFC 5322 §3.6.8's ftext.
func plainFieldName(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' || name[i] == ':' {
			return false
		}
	}
	return name != ""
}

// isAddressField says whether a field's value is a list of addresses (RFC 5322 §3.6.2, §3.6.3, §3.6.6; RFC 8098).
func isAddressField(name string) bool {
	switch strings.TrimPrefix(strings.ToLower(name), "resent-") {
	case "from", "sender", "reply-to", "to", "cc", "bcc", "mail-followup-to", "mail-reply-to",
		"disposition-notification-to", "return-receipt-to", "errors-to":
		return true
	}
	return false
}

// NewMessageID is a Message-ID without angle brackets that no other letter has: the time, 64 random bits, the host.
func NewMessageID(now time.Time, host string) string {
	return fmt.Sprintf("%s.%s@%s", now.UTC().Format("20060102150405"), randomToken(8), host)
}
