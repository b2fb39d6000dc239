package mimetool

import (
	"bytes"
	"fmt"
	"io"
	"net/mail"
	"time"
)

// A Draft is a letter to be composed: header fields, text, and what goes with it. WriteTo makes the message of it.
//
// The body has the simplest form that holds what there is: text/plain or text/html alone; multipart/alternative when
// both are there (RFC 2046 §5.1.4); multipart/related around the HTML and the inline attachments that have a
// Content-ID (RFC 2387); multipart/mixed around that and the attachments. Encodings are chosen so that the letter
// passes a 7-bit way, unless one is named.
//
// A Draft is not for several goroutines at a time, and is written once: Text and HTML are read by it.
type Draft struct {
	From, Sender, ReplyTo, To, Cc []mail.Address

	// Bcc is written as a field like the others. Whoever sends the letter takes it off.
	Bcc []mail.Address

	Subject   string
	Date      time.Time // zero: no Date field
	MessageID string    // with or without angle brackets; "" none
	InReplyTo string
	// Fields follow those above in the order given. Values are UTF-8 text; what is not ASCII becomes encoded words.
	Fields []DraftField

	Text io.Reader // text/plain; nil: none
	HTML io.Reader // text/html; nil: none

	// Charset names the charset of Text and HTML where it is not to be found out (us-ascii, utf-8, else unknown-8bit).
	Charset string
	// Encoding is the Content-Transfer-Encoding of Text and HTML: "7bit", "8bit", "quoted-printable", "base64" or
	// "x-uuencode"; "" is the best for the text.
	Encoding string
	// Type is the type of the outermost multipart where it shall be another than multipart/mixed. With it there is
	// always a multipart.
	Type string

	Attachments []Attachment

	// Boundary makes the message the same each time: nested multiparts add a number to it. "" is a random one. One
	// that occurs in a part is an error.
	Boundary string
	// LineEnd is "\r\n", which is also meant by "", or "\n".
	LineEnd string
}

// A DraftField is a header field: its name without the colon, and its value as UTF-8 text on one line.
type DraftField struct{ Name, Value string }

// An Attachment is a part beside the text.
type Attachment struct {
	Name string // the file's name, UTF-8; "" none
	// Type is the media type, parameters allowed: "text/csv; header=present". "" is a guess by content and name.
	Type        string
	Disposition string // "attachment", which is also meant by "", or "inline"
	ContentID   string // with or without angle brackets; "" none
	Description string
	// Encoding is the Content-Transfer-Encoding; "" is base64, but for message/rfc822 7bit or 8bit (RFC 2046 §5.2.1).
	// Only base64 and quoted-printable keep every byte; the others make line ends those of the message.
	Encoding string
	// Open opens the content. It is called once; what it gives is closed. An io.Seeker is read twice where that
	// tells more about the content.
	Open func() (io.ReadCloser, error)
}

// BytesAttachment is an attachment that is in memory.
func BytesAttachment(name string, content []byte) Attachment {
	return Attachment{Name: name, Open: func() (io.ReadCloser, error) {
		return nopCloser{bytes.NewReader(content)}, nil
	}}
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

// A DraftError says what of a draft cannot become a message: a field with a line end in it, a boundary that occurs in a part.
type DraftError struct {
	What string // the field's or the attachment's name, or "boundary"
	Err  error
}

func (e *DraftError) Error() string { return fmt.Sprintf("compose %s: %v", e.What, e.Err) }
func (e *DraftError) Unwrap() error { return e.Err }

// WriteTo writes the message and returns its length. Memory stays small whatever the size of text and attachments;
// text that is larger than a few hundred KiB and cannot be read twice is kept in a temporary file for the time.
func (d *Draft) WriteTo(w io.Writer) (int64, error) {
	out := newDraftWriter(w, d)
	root, err := d.plan()
	if err != nil {
		return 0, err
	}
	defer root.close()
	if err := out.fields(d); err != nil {
		return out.n, err
	}
	out.field("MIME-Version", "1.0")
	out.part(root)
	return out.n, out.flush()
}
