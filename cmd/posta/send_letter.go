package main

import (
	"errors"
	"io"
	"net/mail"
	"slices"
	"strings"

	"posta/mimetool"
	"posta/sendmail"
)

// outgoing is a letter with its envelope, ready to be sent.
type outgoing struct {
	letter    *sendmail.Letter
	envelope  *sendmail.Envelope
	messageID string
}

// readLetter reads a whole letter. Text without a header would go out as a letter without a body, or with half of one,
// so it is refused.
func readLetter(r io.Reader, opt sendmail.LetterOptions) (*sendmail.Letter, error) {
	l, err := sendmail.ReadLetter(r, opt)
	if err != nil {
		return nil, err
	}
	if !looksLikeLetter(l) {
		l.Close()
		return nil, fail(exitDataErr, "%w", errNoHeader)
	}
	return l, nil
}

// errNoHeader is the error of text where a letter should be.
var errNoHeader = errors.New("this is no letter: it does not begin with a header")

// looksLikeLetter says whether one of the fields is there that letters have, so that "Warning: disk full" is not
// taken for a header.
func looksLikeLetter(l *sendmail.Letter) bool {
	return l.HasHeader() && slices.ContainsFunc([]string{
		"From", "To", "Subject", "Date", "Message-ID", "Cc", "Sender", "Reply-To", "Received", "Return-Path", "MIME-Version",
		"Content-Type", "Resent-To", "Resent-From", "Bcc", "List-Id", "Delivered-To", "DKIM-Signature",
	}, func(name string) bool {
		return l.Has(name) || name == "Bcc" && mimetool.ParseHeader(l.Header()).Has(name)
	})
}

// address finishes a letter: it adds the fields of the command line and those that are missing, signs it, and makes the
// envelope, of what is said first: the command line, own (the stream's, for this letter), the letter's header.
func (s *sending) address(l *sendmail.Letter, own envelopeHint) (*outgoing, error) {
	h, err := s.editHeader(l)
	if err != nil {
		return nil, err
	}
	to := own.to
	if !s.named.none() {
		to = s.named.envelope()
	}
	if to == nil {
		r, err := headerRecipients(h)
		if err != nil {
			return nil, err
		}
		to = r.envelope()
	}
	if len(to) == 0 {
		return nil, fail(exitDataErr, "no recipient: the letter has no To, Cc or Bcc, and no address was given")
	}
	from, err := s.envelopeSender(h, own)
	if err != nil {
		return nil, err
	}
	id, err := s.addMissing(l, h, from)
	if err != nil {
		return nil, err
	}
	if err := s.signer.sign(l); err != nil {
		return nil, err
	}
	return &outgoing{letter: l, envelope: s.asked.envelope(from, to), messageID: id}, nil
}

// envelopeHint is what a stream says about a letter's envelope, where it says anything.
type envelopeHint struct {
	from     string
	nullFrom bool
	to       []sendmail.Recipient
}

// editHeader puts the fields of -H into the letter, in place of its own of the same name, and returns the header as it
// is then. A Bcc names recipients and is not sent.
func (s *sending) editHeader(l *sendmail.Letter) (mimetool.Header, error) {
	h := mimetool.ParseHeader(l.Header())
	for _, f := range s.fields {
		h = slices.DeleteFunc(h, func(old mimetool.Field) bool { return old.Is(f.Name) })
	}
	for _, f := range s.fields {
		raw, err := mimetool.EncodeField(f.Name, f.Value, "\r\n")
		if err != nil {
			return nil, err
		}
		h = append(h, mimetool.Field{Name: f.Name, Raw: raw})
		if !strings.EqualFold(f.Name, "Bcc") && !strings.EqualFold(f.Name, "Resent-Bcc") {
			if err := l.Replace(f.Name, fieldBody(raw)); err != nil {
				return nil, err
			}
		}
	}
	for _, f := range []struct {
		name string
		list []mimetool.Address
	}{{"To", s.shown.to}, {"Cc", s.shown.cc}, {"Reply-To", s.replyTo}} {
		if len(f.list) > 0 {
			if err := l.AddMissing(f.name, fieldBody(mimetool.EncodeAddresses(f.name, mails(f.list), "\r\n"))); err != nil {
				return nil, err
			}
		}
	}
	return h, nil
}

// fieldBody is what follows the name in an encoded field, folds and all.
func fieldBody(raw []byte) string {
	_, body, _ := strings.Cut(string(raw), ":")
	return strings.TrimSuffix(strings.TrimPrefix(body, " "), "\r\n")
}

// addMissing adds From, Date and Message-ID where the letter has none (RFC 5322 §3.6), and returns the Message-ID.
func (s *sending) addMissing(l *sendmail.Letter, h mimetool.Header, from string) (id string, err error) {
	if !l.Has("From") {
		m, err := s.author()
		if err != nil {
			return "", err
		}
		if err := l.Append("From", fieldBody(mimetool.EncodeAddresses("From", []mail.Address{m.Mail()}, "\r\n"))); err != nil {
			return "", err
		}
	}
	now := s.env.now()
	if !l.Has("Date") {
		if err := l.Append("Date", now.Format("Mon, 2 Jan 2006 15:04:05 -0700")); err != nil {
			return "", err
		}
	}
	if id = strings.TrimSpace(h.Get("Message-ID")); id != "" {
		return id, nil
	}
	id = "<" + mimetool.NewMessageID(now, idDomain(from)) + ">"
	return id, l.AddMissing("Message-ID", id)
}
