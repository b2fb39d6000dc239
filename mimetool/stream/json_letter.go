package stream

import (
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"

	"posta/mimetool"
)

// build makes the message of the line that was read.
func (j *jsonReader) build(i int) (*Message, error) {
	var f JSONMessage
	if err := json.Unmarshal(append(j.fields, '}'), &f); err != nil {
		return nil, fmt.Errorf("%w: %w", errJSON, err)
	}
	m := &Message{Index: i, Name: f.Name, Size: -1}
	if f.Date != nil {
		m.Date = *f.Date
	}
	if err := j.envelope(m, &f); err != nil {
		return nil, err
	}
	body, err := j.whole(&f)
	if err != nil {
		return nil, err
	}
	m.Size = body.size
	m.Reader, err = body.reader()
	return m, err
}

// envelope fills in From and To: the addresses without display names.
func (j *jsonReader) envelope(m *Message, f *JSONMessage) error {
	if f.From != nil {
		m.NullFrom = *f.From == "" || *f.From == "<>"
		if !m.NullFrom {
			list, err := bareAddresses("from", AddressList{*f.From})
			if err != nil {
				return err
			}
			if len(list) != 1 {
				return errSender
			}
			m.From = list[0]
		}
	}
	for _, l := range []struct {
		name string
		list AddressList
	}{{"to", f.To}, {"cc", f.Cc}, {"bcc", f.Bcc}} {
		list, err := bareAddresses(l.name, l.list)
		if err != nil {
			return err
		}
		m.To = append(m.To, list...)
	}
	return nil
}

func bareAddresses(name string, list AddressList) ([]string, error) {
	var bare []string
	for _, s := range list {
		parsed, err := mimetool.ParseAddresses(s, mimetool.AddressSyntax{Local: true})
		if err != nil {
			return nil, fmt.Errorf("%q: %w", name, err)
		}
		for _, a := range parsed {
			bare = append(bare, a.Addr)
		}
	}
	return bare, nil
}

// whole is the message of the line, given or made.
func (j *jsonReader) whole(f *JSONMessage) (*spoolBuffer, error) {
	raw, eml := j.bodies["raw"], j.bodies["eml"]
	text, html := j.bodies["text"], j.bodies["html"]
	switch {
	case raw != nil && eml != nil, (raw != nil || eml != nil) && (text != nil || html != nil):
		return nil, errTwoForms
	case raw != nil:
		return raw, nil
	case eml != nil:
		return eml, nil
	case text == nil && html == nil && f.Subject == "":
		return nil, errNoLetter
	}
	d := &mimetool.Draft{Fields: letterFields(f)}
	if f.Date != nil {
		d.Date = *f.Date
	}
	var err error
	if d.Text, err = readerOf(text); err != nil {
		return nil, err
	}
	if d.HTML, err = readerOf(html); err != nil {
		return nil, err
	}
	b := &spoolBuffer{dir: j.opt.TempDir}
	j.bodies["made"] = b
	_, err = d.WriteTo(b)
	return b, err
}

// readerOf is nil, not a typed nil, where there is no text.
func readerOf(b *spoolBuffer) (io.Reader, error) {
	if b == nil {
		return nil, nil
	}
	return b.reader()
}

// letterFields are the header fields of a letter that is made; Bcc is not among them.
func letterFields(f *JSONMessage) []mimetool.DraftField {
	var fields []mimetool.DraftField
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, mimetool.DraftField{Name: name, Value: value})
		}
	}
	if f.From != nil {
		add("From", *f.From)
	}
	add("To", strings.Join(f.To, ", "))
	add("Cc", strings.Join(f.Cc, ", "))
	add("Reply-To", strings.Join(f.ReplyTo, ", "))
	add("Subject", f.Subject)
	if f.MessageID != "" {
		add("Message-ID", "<"+strings.Trim(f.MessageID, "<>")+">")
	}
	names := make([]string, 0, len(f.Headers))
	for name := range f.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		add(name, f.Headers[name])
	}
	return fields
}
