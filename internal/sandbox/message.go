package sandbox

import (
	"bytes"
	"io"
	"mime"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// Message is a letter that was caught, with its envelope and what is known of the session that brought it.
type Message struct {
	ID      int       `json:"id"` // 1, 2, 3… in the order of arrival
	Time    time.Time `json:"time"`
	From    string    `json:"from"` // as in MAIL FROM:<…>; "" is the null reverse-path
	To      []string  `json:"to"`   // as in RCPT TO:<…>, in their order
	Subject string    `json:"subject"`
	Size    int64     `json:"size"` // octets
	Mail    *Mail     `json:"mail,omitempty"`
	Rcpt    []Rcpt    `json:"rcpt,omitempty"` // the options of To[i], where any has some
	Session Session   `json:"session"`
	Path    string    `json:"path,omitempty"` // its file, with Options.Dir

	content content
}

// Mail is what MAIL said beside the address.
type Mail struct {
	Size       int64   `json:"size,omitempty"`
	Body       string  `json:"body,omitempty"` // 7BIT, 8BITMIME, BINARYMIME
	UTF8       bool    `json:"smtputf8,omitempty"`
	RequireTLS bool    `json:"requiretls,omitempty"`
	Return     string  `json:"ret,omitempty"` // FULL, HDRS
	EnvelopeID string  `json:"envid,omitempty"`
	Auth       *string `json:"auth,omitempty"`
}

// Rcpt is what RCPT said beside the address.
type Rcpt struct {
	Notify    []string `json:"notify,omitempty"`
	Original  string   `json:"orcpt,omitempty"` // "rfc822;bob@example.org", decoded
	DeliverBy string   `json:"by,omitempty"`
	Priority  *int     `json:"mt_priority,omitempty"`
}

// Session is what is known of the connection that brought a letter.
type Session struct {
	Protocol  string `json:"protocol"` // as in a Received field: ESMTP, ESMTPSA, UTF8SMTP… (RFC 3848, 6531)
	Helo      string `json:"helo"`
	Remote    string `json:"remote"`
	TLS       string `json:"tls,omitempty"` // version: "TLS 1.3"
	Cipher    string `json:"cipher,omitempty"`
	Mechanism string `json:"mechanism,omitempty"` // of AUTH
	User      string `json:"user,omitempty"`
	Chunked   bool   `json:"chunked,omitempty"` // came by BDAT
}

// Open opens the letter's octets. The caller closes it.
func (m *Message) Open() (io.ReadCloser, error) { return m.content.open() }

// Bytes is the letter, whole.
func (m *Message) Bytes() ([]byte, error) {
	r, err := m.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func mailOptions(opts *smtp.MailOptions) *Mail {
	m := Mail{
		Size: opts.Size, Body: string(opts.Body), UTF8: opts.UTF8, RequireTLS: opts.RequireTLS,
		Return: string(opts.Return), EnvelopeID: opts.EnvelopeID, Auth: opts.Auth,
	}
	if m == (Mail{}) {
		return nil
	}
	return &m
}

func rcptOptions(opts *smtp.RcptOptions) Rcpt {
	r := Rcpt{Priority: opts.MTPriority}
	for _, n := range opts.Notify {
		r.Notify = append(r.Notify, string(n))
	}
	if opts.OriginalRecipient != "" {
		r.Original = strings.ToLower(string(opts.OriginalRecipientType)) + ";" + opts.OriginalRecipient
	}
	if by := opts.DeliverBy; by != nil {
		r.DeliverBy = by.Time.String() + ";" + string(by.Mode)
	}
	return r
}

// headerSpan is how much of a letter is looked at for its Subject.
const headerSpan = 64 << 10

// subject is the letter's Subject, unfolded and its RFC 2047 words decoded.
func subject(head []byte) string {
	for field := range bytes.Lines(head) {
		if len(bytes.TrimRight(field, "\r\n")) == 0 {
			return ""
		}
		name, _, ok := bytes.Cut(field, []byte(":"))
		if !ok || !strings.EqualFold(string(bytes.TrimSpace(name)), "subject") {
			continue
		}
		at := bytes.Index(head, field) + len(name) + 1
		raw := unfold(head[at:])
		var dec mime.WordDecoder
		if text, err := dec.DecodeHeader(raw); err == nil {
			return text
		}
		return raw
	}
	return ""
}

// unfold is a field's value up to its end, its continuation lines joined (RFC 5322 §2.2.3).
func unfold(rest []byte) string {
	var b strings.Builder
	for line := range bytes.Lines(rest) {
		if b.Len() > 0 && line[0] != ' ' && line[0] != '\t' {
			break
		}
		b.Write(bytes.TrimRight(line, "\r\n"))
	}
	return strings.TrimSpace(b.String())
}
