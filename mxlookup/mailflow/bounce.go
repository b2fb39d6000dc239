package mailflow

import (
	"errors"
	"io"
	"strings"

	"posta/mimetool"
)

// ErrNoBounce is the error of a letter that is no bounce, as far as can be seen.
var ErrNoBounce = errors.New("not a bounce")

// Bounce is what a bounce says of one recipient.
type Bounce struct {
	Recipient string `json:"recipient"`          // who did not get it
	Original  string `json:"original,omitempty"` // whom it was written to, where the sender's request kept that (RFC 3464 §2.3.1)
	Action    string `json:"action"`             // failed, delayed, delivered, relayed or expanded (RFC 3464 §2.3.3)
	Status    string `json:"status,omitempty"`   // RFC 3463: "5.1.1"
	Words     string `json:"words,omitempty"`    // the status in words
	Permanent bool   `json:"permanent"`          // trying again does not help; not said of what has no status
	Line      string `json:"line,omitempty"`     // what the remote server said
	Remote    string `json:"remote,omitempty"`   // the remote server
	Reporter  string `json:"reporter,omitempty"` // the server that wrote the bounce
	MessageID string `json:"message_id,omitempty"`
	Subject   string `json:"subject,omitempty"` // of the letter that came back
	Form      string `json:"form"`              // rfc3464, or whose free form it is: qmail, exim, exchange, sendmail, text
}

const (
	maxBounceText       = 256 << 10 // octets of a bounce's text that are read
	maxBounceStatus     = 2 << 20   // octets of its delivery status, of all parts
	maxBounceRecipients = 10_000
	maxTextRecipients   = 1000 // found in a text: each is searched for in all of it
	maxBounceLine       = 1000 // octets of what the remote server said
)

// bounceReader gathers what there is of a bounce.
type bounceReader struct {
	top      mimetool.Header
	report   bool // multipart/report of a delivery status
	other    bool // a report of something else: that a letter was read, that it was unwanted
	groups   []mimetool.Header
	grouped  int             // octets of delivery status that were read
	text     strings.Builder // of all parts that a person reads
	original mimetool.Header // of the letter that came back
}

// ReadBounce reads a bounce to its end: by the machine's part where there is one (RFC 3464), else by the text as common
// servers write it. The error is ErrNoBounce for another letter, or that of r.
func ReadBounce(r io.Reader) ([]Bounce, error) {
	b := &bounceReader{}
	w := mimetool.NewWalker(r, mimetool.Limits{Header: 1 << 20})
	for {
		part, err := w.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := b.part(part); err != nil {
			return nil, err
		}
	}
	list := b.fromStatus()
	if len(list) == 0 && !b.other {
		list = b.fromText()
	}
	if len(list) == 0 {
		return nil, ErrNoBounce
	}
	b.complete(list)
	return list, nil
}

// part takes what a part has to say.
func (b *bounceReader) part(p *mimetool.Part) error {
	if p.Parent < 0 {
		b.top = p.Header.Clone()
		if p.Type == "multipart/report" {
			kind := strings.ToLower(p.Params().Get("report-type")) // RFC 6522 §3
			b.report = kind == "" || kind == "delivery-status"
			b.other = !b.report
		}
	} else if p.Type == "message/rfc822" && b.original == nil {
		return nil // its header comes with the part in it
	}
	switch {
	case p.Type == "message/delivery-status" || p.Type == "message/global-delivery-status":
		return b.status(p.Decoded())
	case p.Type == "text/rfc822-headers" || p.Type == "message/global-headers":
		return b.header(p.Decoded())
	case p.Parent >= 0 && b.original == nil && p.Header.Get("Message-ID") != "" && p.Header.Get("From") != "":
		b.original = p.Header.Clone() // the top of a message in the message
	}
	if strings.HasPrefix(p.Type, "text/") && b.original == nil {
		return b.words(p.Decoded())
	}
	return nil
}

// words keeps the beginning of a text.
func (b *bounceReader) words(r io.Reader) error {
	if left := maxBounceText - b.text.Len(); left > 0 {
		if _, err := io.Copy(&b.text, io.LimitReader(r, int64(left))); err != nil {
			return err
		}
		b.text.WriteString("\n")
	}
	return nil
}

// header reads the header of the letter that came back, where that alone is there.
func (b *bounceReader) header(r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, maxBounceText))
	if b.original == nil {
		b.original = mimetool.ParseHeader(text)
	}
	return err
}

// looksLikeOne says whether the letter is from a server about another letter; f is the form that its text has.
func (b *bounceReader) looksLikeOne(f form) bool {
	if b.report || b.top.Get("X-Failed-Recipients") != "" {
		return true
	}
	from := strings.ToLower(b.top.Get("From"))
	for _, name := range []string{"mailer-daemon", "postmaster", "mail delivery", "maildelivery", "mail-daemon", "mmdf"} {
		if strings.Contains(from, name) {
			return true
		}
	}
	subject, _ := mimetool.DecodeWords(b.top.Get("Subject"), mimetool.WordOptions{})
	subject = strings.ToLower(subject)
	for _, words := range []string{
		"undeliver", "delivery fail", "delivery status", "delivery notif", "failure notice", "returned mail", "returned to sender",
		"mail failure", "nondeliverable", "non remis", "unzustellbar", "delivery problem", "message status", "non-delivery", "could not be delivered",
	} {
		if strings.Contains(subject, words) {
			return true
		}
	}
	// A person's automatic answer has the null sender too (RFC 3834 §3.3), and is not about an address that is wrong.
	return (len(f.signs) > 0 || b.original != nil) && strings.TrimSpace(b.top.Get("Return-Path")) == "<>"
}

// complete fills in what follows from the rest.
func (b *bounceReader) complete(list []Bounce) {
	b.original = orElse(b.original, originalInText(b.text.String()))
	id := ""
	if ids := mimetool.MessageIDs(b.original.Get("Message-ID")); len(ids) > 0 {
		id = "<" + ids[0] + ">"
	}
	subject, _ := mimetool.DecodeWords(b.original.Get("Subject"), mimetool.WordOptions{})
	for i := range list {
		x := &list[i]
		x.MessageID, x.Subject = id, subject
		if x.Status == "" || strings.HasSuffix(x.Status, ".0.0") {
			if better := statusOfLine(x.Line); better != "" {
				x.Status = better
			}
		}
		if x.Action == "" {
			x.Action = "failed"
		}
		x.Permanent = x.Action == "failed" && strings.HasPrefix(x.Status, "5")
		x.Words = statusWords(x.Status)
	}
}

// shortLine is a text of several lines as one that is not too long.
func shortLine(text string) string {
	if len(text) > maxBounceLine {
		text = strings.ToValidUTF8(text[:maxBounceLine], "")
	}
	return strings.Join(strings.Fields(text), " ")
}
