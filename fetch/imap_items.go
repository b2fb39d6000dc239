package fetch

import (
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// items are what is asked for of each message. Nothing of it sets a flag.
func (p *IMAP) items() imap.FetchOptions {
	opt := goimap.FetchOptions{UID: true, Flags: true, InternalDate: true, RFC822Size: true}
	for _, name := range p.sections() {
		section := &goimap.FetchItemBodySection{Peek: true}
		words := strings.Split(name, ".")
		for i, word := range words {
			n, err := strconv.Atoi(word)
			if err != nil {
				section.Specifier = goimap.PartSpecifier(strings.Join(words[i:], "."))
				break
			}
			section.Part = append(section.Part, n)
		}
		opt.BodySection = append(opt.BodySection, section)
	}
	return imap.FetchOptions{FetchOptions: opt}
}

func (p *IMAP) sections() []string {
	if len(p.Sections) == 0 {
		return []string{""}
	}
	return p.Sections
}

// headerItems are what a fingerprint is made of.
func headerItems() imap.FetchOptions {
	return imap.FetchOptions{FetchOptions: goimap.FetchOptions{
		UID: true, RFC822Size: true,
		BodySection: []*goimap.FetchItemBodySection{{Peek: true, Specifier: goimap.PartSpecifierHeader}},
	}}
}
