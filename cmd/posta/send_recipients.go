package main

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"unicode"

	"posta/mimetool"
	"posta/sendmail"
)

// recipients are who a letter goes to, by the field that names them.
type recipients struct {
	to, cc, bcc []mimetool.Address
}

func (r *recipients) none() bool { return len(r.to)+len(r.cc)+len(r.bcc) == 0 }

// envelope lists the addresses, each once.
func (r *recipients) envelope() []sendmail.Recipient {
	var out []sendmail.Recipient
	seen := map[string]bool{}
	for _, list := range [][]mimetool.Address{r.to, r.cc, r.bcc} {
		for _, m := range list {
			if key := addressKey(m.Addr); !seen[key] {
				seen[key] = true
				out = append(out, sendmail.Recipient{Address: m.Addr})
			}
		}
	}
	return out
}

// addressKey is the same for the same mailbox: a domain's letters have no case (RFC 5321 §2.4).
func addressKey(addr string) string {
	at := strings.LastIndexByte(addr, '@')
	return addr[:at+1] + strings.ToLower(addr[at+1:])
}

// add parses the text of one flag or argument: addresses as in a header, with names, comments and groups, or a
// mailto: URL, whose other fields are for m.
func (r *recipients) add(field *[]mimetool.Address, text string, m *mailto) error {
	if len(text) >= 7 && strings.EqualFold(text[:7], "mailto:") {
		return r.addMailto(field, text[7:], m)
	}
	list, err := parseMailboxes(text)
	if err != nil {
		return err
	}
	*field = append(*field, list...)
	return nil
}

// mailto is what mailto: URLs say beside recipients (RFC 6068).
type mailto struct {
	body   []string
	fields []mimetool.DraftField
}

// addMailto reads a mailto: URL. Header fields that could do harm in a URL from elsewhere are refused (RFC 6068 §7).
func (r *recipients) addMailto(field *[]mimetool.Address, text string, m *mailto) error {
	addresses, query, _ := strings.Cut(text, "?")
	for addr := range strings.SplitSeq(addresses, ",") { // %2C is a comma within an address
		if addr == "" {
			continue
		}
		plain, err := url.PathUnescape(addr)
		if err != nil {
			return fmt.Errorf("mailto:%s: a %% that stands for nothing", text)
		}
		if err := r.add(field, plain, &mailto{}); err != nil {
			return err
		}
	}
	for pair := range strings.SplitSeq(query, "&") {
		if err := r.addMailtoField(pair, m); err != nil {
			return err
		}
	}
	return nil
}

func (r *recipients) addMailtoField(pair string, m *mailto) error {
	if pair == "" {
		return nil
	}
	rawName, rawValue, _ := strings.Cut(pair, "=")
	name, err1 := url.PathUnescape(rawName)
	value, err2 := url.PathUnescape(rawValue) // RFC 6068 §5: a "+" is a plus
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("mailto: %w", err)
	}
	switch strings.ToLower(name) {
	case "to":
		return r.add(&r.to, value, m)
	case "cc":
		return r.add(&r.cc, value, m)
	case "bcc":
		return r.add(&r.bcc, value, m)
	case "body":
		m.body = append(m.body, value)
	case "subject", "in-reply-to", "references", "keywords", "comments":
		if strings.ContainsFunc(value, unicode.IsControl) {
			return fmt.Errorf("mailto: the %s has a line end or a control character in it", name)
		}
		m.fields = append(m.fields, mimetool.DraftField{Name: name, Value: value})
	default:
		return fmt.Errorf("mailto: a URL may not set the field %q; use -H", name)
	}
	return nil
}

// parseMailboxes reads a list of addresses, the members of groups too. What could break an envelope is refused.
func parseMailboxes(text string) ([]mimetool.Address, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
		return nil, fmt.Errorf("%q: a line end or a control character in an address", text)
	}
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("an empty address")
	}
	list, err := mimetool.ParseAddresses(text, mimetool.AddressSyntax{Local: true, Empty: true})
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		if m.Addr == "" {
			return nil, fmt.Errorf("%q: an empty address", text)
		}
		if err := sendmail.CheckAddress(m.Addr); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// mails is list as package net/mail has addresses.
func mails(list []mimetool.Address) []mail.Address {
	out := make([]mail.Address, len(list))
	for i, m := range list {
		out[i] = m.Mail()
	}
	return out
}

// headerRecipients finds the recipients in a letter's header. RFC 5322 §3.6.6: in a letter that was resent they are
// those of the topmost block of Resent- fields alone.
func headerRecipients(h mimetool.Header) (*recipients, error) {
	r, prefix := &recipients{}, ""
	if block := resentBlock(h); block != nil {
		h, prefix = block, "Resent-"
	}
	for _, f := range []struct {
		name string
		list *[]mimetool.Address
	}{{"To", &r.to}, {"Cc", &r.cc}, {"Bcc", &r.bcc}} {
		for _, value := range h.Values(prefix + f.name) {
			if strings.TrimSpace(value) == "" {
				continue
			}
			list, err := parseMailboxes(value)
			if err != nil {
				return nil, fail(exitDataErr, "the letter's %s: %w", prefix+f.name, err)
			}
			*f.list = append(*f.list, list...)
		}
	}
	return r, nil
}

// resentBlock is the first run of Resent- fields that names a recipient; nil where there is none.
func resentBlock(h mimetool.Header) mimetool.Header {
	start := -1
	for i := 0; i <= len(h); i++ {
		resent := i < len(h) && len(h[i].Name) > 7 && strings.EqualFold(h[i].Name[:7], "Resent-")
		switch {
		case resent && start < 0:
			start = i
		case !resent && start >= 0:
			if block := h[start:i]; block.Has("Resent-To") || block.Has("Resent-Cc") || block.Has("Resent-Bcc") {
				return block
			}
			start = -1
		}
	}
	return nil
}
