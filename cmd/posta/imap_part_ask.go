package main

import (
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// askAbout asks for what tells of the parts.
func (p *imapPartJob) askAbout() (opt imap.FetchOptions) {
	opt.BodyStructure = &goimap.FetchItemBodyStructure{Extended: true}
	if p.binary {
		return opt
	}
	for _, number := range p.job.opt.numbers {
		section := &goimap.FetchItemBodySection{Part: partPath(number), Specifier: goimap.PartSpecifierMIME, Peek: true}
		if number == wholeText {
			section.Specifier = goimap.PartSpecifierHeader
		}
		opt.BodySection = append(opt.BodySection, section)
	}
	return opt
}

// askContent asks for the content of a part.
func (p *imapPartJob) askContent(number string) (opt imap.FetchOptions) {
	switch path := partPath(number); {
	case number == wholeText:
		opt.BodySection = []*goimap.FetchItemBodySection{{Specifier: goimap.PartSpecifierText, Peek: true}}
	case p.binary:
		opt.BinarySection = []*goimap.FetchItemBinarySection{{Part: path, Peek: true}}
	default:
		opt.BodySection = []*goimap.FetchItemBodySection{{Part: path, Peek: true}}
	}
	return opt
}

// wholeText is the number of all that follows the message's header.
const wholeText = "TEXT"

// partPath is the numbers of "2.1".
func partPath(number string) (path []int) {
	for _, word := range strings.Split(number, ".") {
		if n, err := strconv.Atoi(word); err == nil {
			path = append(path, n)
		}
	}
	return path
}
