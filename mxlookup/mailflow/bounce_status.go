package mailflow

import (
	"bytes"
	"io"
	"strings"

	"posta/mimetool"
)

// status reads the groups of fields of a delivery status (RFC 3464 §2.1): the first is about the letter, the others
// about one recipient each.
func (b *bounceReader) status(r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, int64(maxBounceStatus-b.grouped)))
	if err != nil {
		return err
	}
	b.grouped += len(text)
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	for group := range bytes.SplitSeq(text, []byte("\n\n")) {
		group = bytes.TrimLeft(group, "\n \t")
		if h := mimetool.ParseHeader(append(group, '\n')); len(h) > 0 && len(b.groups) < maxBounceRecipients {
			b.groups = append(b.groups, splitGroups(h)...)
		}
	}
	return nil
}

// splitGroups mends what some servers do: no empty line between the groups.
func splitGroups(h mimetool.Header) []mimetool.Header {
	var groups []mimetool.Header
	start, seen := 0, false
	for i, f := range h {
		if f.Is("Final-Recipient") || f.Is("Original-Recipient") && i+1 < len(h) && h[i+1].Is("Final-Recipient") {
			if seen && !(f.Is("Final-Recipient") && i > 0 && h[i-1].Is("Original-Recipient")) {
				groups, start = append(groups, h[start:i]), i
			}
			seen = true
		}
	}
	return append(groups, h[start:])
}

// fromStatus makes a bounce of each recipient's group.
func (b *bounceReader) fromStatus() []Bounce {
	var list []Bounce
	reporter := ""
	for _, g := range b.groups {
		if mta := typed(g.Get("Reporting-MTA")); mta != "" {
			reporter = mta
		}
		recipient := cleanAddress(typed(g.Get("Final-Recipient")))
		original := cleanAddress(typed(g.Get("Original-Recipient")))
		if recipient == "" {
			recipient = original
		}
		if recipient == "" {
			continue
		}
		x := Bounce{
			Recipient: recipient, Action: firstWord(g.Get("Action")), Status: firstWord(g.Get("Status")), Reporter: reporter,
			Line: shortLine(typed(g.Get("Diagnostic-Code"))), Remote: typed(g.Get("Remote-MTA")), Form: "rfc3464",
		}
		if !strings.EqualFold(original, recipient) {
			x.Original = original
		}
		list = append(list, x)
	}
	return list
}

// typed is the value of a field of the form "type; value" (RFC 3464 §2.1.2).
func typed(value string) string {
	if _, v, ok := strings.Cut(value, ";"); ok {
		value = v
	}
	return strings.TrimSpace(value)
}

func firstWord(value string) string {
	fields := strings.Fields(value)
	if len(fields) == 0 {
		return ""
	}
	return strings.ToLower(strings.Trim(fields[0], "()"))
}

// cleanAddress is an address without brackets and what stands round it; "" when it is none.
func cleanAddress(text string) string {
	if i := strings.LastIndexByte(text, '<'); i >= 0 {
		text, _, _ = strings.Cut(text[i+1:], ">")
	}
	text = strings.Trim(text, " \t\r\n'<>(),;:")
	if !strings.Contains(text, `"@`) { // RFC 5321 §4.1.2: a quoted local part
		text = strings.Trim(text, `"`)
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "mailto:"), "rfc822;")
	if text == "" || strings.ContainsAny(text, " \t\r\n") && !strings.HasPrefix(text, `"`) {
		return ""
	}
	return strings.ToValidUTF8(text, "?")
}
