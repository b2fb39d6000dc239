package mimetool

import (
	"strings"
)

// A FieldKind is how the value of a header field is built.
type FieldKind int

// The kinds of fields.
const (
	Unstructured FieldKind = iota // text: Subject, Comments, and all that are not known
	Addresses                     // From, To, Reply-To, Return-Path… (RFC 5322 §3.6.2, §3.6.3, §3.6.6)
	Identifiers                   // Message-ID, References, Content-ID… (RFC 5322 §3.6.4)
	Dates                         // Date, Resent-Date… (RFC 5322 §3.6.1)
	Parameters                    // Content-Type, Content-Disposition (RFC 2045, RFC 2183)
	Tokens                        // words of a protocol: Received, DKIM-Signature, Content-Transfer-Encoding…
)

// KindOf is the kind of the field of that name, in whatever case.
func KindOf(name string) FieldKind {
	switch strings.ToLower(name) {
	case "from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-reply-to", "resent-to",
		"resent-cc", "resent-bcc", "return-path", "delivered-to", "x-original-to", "errors-to", "apparently-to",
		"disposition-notification-to", "return-receipt-to", "mail-followup-to", "mail-reply-to", "x-envelope-from", "x-envelope-to":
		return Addresses
	case "message-id", "in-reply-to", "references", "content-id", "resent-message-id":
		return Identifiers
	case "date", "resent-date", "delivery-date", "expires", "expiry-date", "reply-by", "deferred-delivery":
		return Dates
	case "content-type", "content-disposition":
		return Parameters
	case "received", "mime-version", "content-transfer-encoding", "dkim-signature", "arc-seal", "arc-message-signature",
		"domainkey-signature", "authentication-results", "arc-authentication-results", "received-spf", "content-language":
		return Tokens
	}
	return Unstructured
}

// DecodeField is the value of a field as text of one line, decoded by its kind: display names but not addresses of
// address fields, values of parameters, all of unstructured ones; the others unfolded only, for an encoded-word cannot
// stand there (RFC 2047 §5). Defects have the field's name in Where.
func DecodeField(f Field, opt WordOptions) (string, []Defect) {
	var text string
	var defects []Defect
	switch raw := string(f.Body()); KindOf(f.Name) {
	case Addresses:
		var list []Address
		list, defects = ParseAddressList(raw, opt)
		text = AddressText(list)
	case Parameters:
		var value string
		var params Params
		value, params, defects = ParseParams(raw, opt)
		text = params.text(value)
	case Unstructured:
		text, defects = DecodeWords(raw, opt)
	default:
		text = cleanText(unfoldString(trimBlankString(raw)))
	}
	for i := range defects {
		defects[i].Where = f.Name
	}
	return text, defects
}

// AddressText is a list of addresses as text of one line, groups with their names (RFC 5322 §3.4).
func AddressText(list []Address) string {
	var b strings.Builder
	group := ""
	for i, a := range list {
		if group != "" && a.Group != group {
			b.WriteByte(';')
			group = ""
		}
		if i > 0 {
			b.WriteString(", ")
		}
		if a.Group != "" && a.Group != group && a.Addr+a.Name != "" {
			group = a.Group
			b.WriteString(Address{Name: group}.String() + ": ")
		}
		b.WriteString(a.String())
	}
	if group != "" {
		b.WriteByte(';')
	}
	return b.String()
}

// text is value and parameters as text of one line.
func (p Params) text(value string) string {
	var b strings.Builder
	b.WriteString(value)
	for _, param := range p {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(param.Name + "=")
		if isToken(param.Value) {
			b.WriteString(param.Value)
		} else {
			b.WriteString(encodeQuotedString(param.Value))
		}
	}
	return b.String()
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isTokenChar(s[i]) {
			return false
		}
	}
	return s != ""
}
