package mailflow

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"posta/mimetool"
)

// form is how a program writes its bounces.
type form struct {
	name  string
	signs []string // one of these is in the text
	end   []string // here the letter that came back begins
}

// forms are those of common programs, the surest first.
func forms() []form {
	return []form{
		{"qmail", []string{"This is the qmail-send program", "Hi. This is the deliver program", "qmail-send"}, []string{"--- Below this line is", "--- Undelivered message follows"}},
		{"exim", []string{"This message was created automatically by mail delivery software", "The following address(es) failed"}, []string{"------ This is a copy of", "------ The body of the message"}},
		{"sendmail", []string{"The following addresses had permanent fatal errors", "Transcript of session follows", "The following addresses had transient"}, []string{"----- Original message follows", "----- Message header follows", "----- Unsent message follows"}},
		{"exchange", []string{"did not reach the following recipient", "Your message did not reach some or all", "could not be reached", "Delivery has failed to these recipients"}, []string{"Original message headers", "-----Original Message-----"}},
		{"text", nil, []string{"Original message follows", "Original message:", "----- Original message -----", "---Original Message", "--- The message", "Received: "}},
	}
}

// addressPattern finds what can be a recipient in a text.
var addressPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[A-Za-z0-9.!#$%&'*+/=?^_{|}~\x60-]+@[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]`)
})

// fromText finds the recipients in a text and, for each, what is said of it.
func (b *bounceReader) fromText() []Bounce {
	text := strings.ToValidUTF8(strings.ReplaceAll(b.text.String(), "\r\n", "\n"), "?")
	f := recognize(text)
	if !b.looksLikeOne(f) {
		return nil
	}
	for _, end := range f.end {
		if i := strings.Index(text, end); i > 0 && i > len(text)/50 {
			text = text[:i]
		}
	}
	var list []Bounce
	recipients := b.recipients(text)
	said := whatIsSaid(text, recipients)
	overall := sync.OnceValue(func() string { return statusOfLine(strings.Join(strings.Fields(text), " ")) })
	for i, recipient := range recipients {
		said := said[i]
		x := Bounce{Recipient: recipient, Line: said, Form: f.name, Status: statusOfLine(said)}
		if x.Status == "" {
			x.Status = overall()
		}
		list = append(list, x)
	}
	if len(list) > 0 && !slices.ContainsFunc(list, func(x Bounce) bool { return x.Status != "" }) && !b.saysFailed(text) {
		return nil // a server wrote it, but not about a delivery
	}
	if delayed(text) || delayed(b.top.Get("Subject")) {
		for i := range list {
			list[i].Action = "delayed"
		}
	}
	return list
}

func recognize(text string) form {
	all := forms()
	for _, f := range all {
		for _, sign := range f.signs {
			if strings.Contains(text, sign) {
				return f
			}
		}
	}
	return all[len(all)-1]
}

func delayed(text string) bool {
	text = strings.ToLower(text)
	for _, words := range []string{
		"delayed", "will continue to try", "will keep trying", "this is a warning message only", "this is a warning only",
		"delivery incomplete", "will retry for", "(delay)",
	} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}

func (b *bounceReader) saysFailed(text string) bool {
	text = strings.ToLower(b.top.Get("Subject") + " " + text)
	for _, word := range []string{"fail", "not delivered", "problem delivering", "an error occurred", "undeliver", "not be delivered", "could not", "not reach", "unable to deliver", "returned", "rejected", "error"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// recipients finds whom a bounce is about: as its header says, as a line begins with the address, or the only one that
// the letter was written to.
func (b *bounceReader) recipients(text string) []string {
	var list []string
	ours := b.ours()
	add := func(address string) {
		address = strings.Trim(address, "'")
		if address != "" && len(list) < maxTextRecipients && !isOurs(ours, address) &&
			!slices.ContainsFunc(list, func(have string) bool { return strings.EqualFold(have, address) }) {
			list = append(list, address)
		}
	}
	for _, value := range b.top.Values("X-Failed-Recipients") { // Exim's, Gmail's
		for address := range strings.SplitSeq(value, ",") {
			add(cleanAddress(address))
		}
	}
	if len(list) > 0 {
		return list
	}
	for line := range strings.Lines(text) {
		if at := leadingAddress(line); at != nil {
			add(line[at[0]:at[1]])
		}
	}
	if len(list) == 0 {
		for line := range strings.Lines(text) {
			lower := strings.ToLower(line)
			if statusOfLine(line) != "" || strings.Contains(line, "<") || strings.Contains(line, "To:") ||
				strings.Contains(lower, "recipient") || strings.Contains(lower, "message to ") || strings.Contains(lower, "delivered to ") {
				for _, address := range addressPattern().FindAllString(line, 4) {
					add(address)
				}
			}
		}
	}
	if len(list) == 0 {
		b.original = orElse(b.original, originalInText(b.text.String()))
		if to, _ := mimetool.ParseAddressList(b.original.Get("To"), mimetool.WordOptions{}); len(to) == 1 {
			add(to[0].Addr)
		}
	}
	return list
}

func orElse(a, b mimetool.Header) mimetool.Header {
	if a != nil {
		return a
	}
	return b
}

// ours are the fields that have the addresses of the bounce itself: who wrote it, who gets it.
func (b *bounceReader) ours() string {
	var fields []string
	for _, name := range []string{"From", "To", "Message-ID", "Delivered-To"} {
		value := b.top.Get(name)
		fields = append(fields, strings.ToLower(value[:min(len(value), 16<<10)]))
	}
	return strings.Join(fields, "\n")
}

func isOurs(ours, address string) bool {
	lower := strings.ToLower(address)
	return strings.HasPrefix(lower, "mailer-daemon@") || strings.HasPrefix(lower, "postmaster@") || strings.Contains(ours, lower)
}

// originalInText finds the header of the letter that came back in a bounce's text.
func originalInText(text string) mimetool.Header {
	for _, name := range []string{"\nReturn-Path:", "\nReceived:", "\nMessage-ID:", "\nMessage-Id:", "\nFrom:"} {
		if i := strings.Index(text, name); i >= 0 {
			return mimetool.ParseHeader([]byte(text[i+1:]))
		}
	}
	return nil
}
