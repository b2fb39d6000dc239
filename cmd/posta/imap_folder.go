package main

import (
	"fmt"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"
)

// imapFolder is a folder as folders --json shows it.
type imapFolder struct {
	Folder     string   `json:"folder"`
	Delimiter  string   `json:"delimiter,omitempty"`
	Attributes []string `json:"attributes"`
	folderStatus

	attrs []goimap.MailboxAttr
}

func newIMAPFolder(data *goimap.ListData) *imapFolder {
	f := &imapFolder{Folder: data.Mailbox, Attributes: []string{}, attrs: data.Attrs}
	if data.Delim != 0 {
		f.Delimiter = string(data.Delim)
	}
	for _, a := range data.Attrs {
		f.Attributes = append(f.Attributes, flagWord(goimap.Flag(a)))
	}
	if data.Status != nil {
		f.take(data.Status)
	}
	return f
}

// place is a text by which folders are in the order of their tree.
func (f *imapFolder) place() string {
	levels := f.levels()
	if strings.EqualFold(levels[0], "INBOX") {
		levels[0] = ""
	}
	return strings.Join(levels, "\x00")
}

func (f *imapFolder) levels() []string {
	if f.Delimiter == "" {
		return []string{f.Folder}
	}
	return strings.Split(f.Folder, f.Delimiter)
}

// folderNames are the names as they are printed.
func folderNames(folders []*imapFolder, tree bool) []string {
	var names []string
	var above []*imapFolder
	for _, f := range folders {
		if !tree {
			names = append(names, f.Folder)
			continue
		}
		above = f.parents(above)
		names = append(names, f.below(above))
		above = append(above, f)
	}
	return names
}

// parents are those of a stack of folders that f is in.
func (f *imapFolder) parents(above []*imapFolder) []*imapFolder {
	for len(above) > 0 {
		last := above[len(above)-1]
		if last.Delimiter != "" && strings.HasPrefix(f.Folder, last.Folder+last.Delimiter) {
			break
		}
		above = above[:len(above)-1]
	}
	return above
}

// below is the name within the last parent, indented.
func (f *imapFolder) below(above []*imapFolder) string {
	if len(above) == 0 {
		return f.Folder
	}
	last := above[len(above)-1]
	return strings.Repeat("  ", len(above)) + strings.TrimPrefix(f.Folder, last.Folder+last.Delimiter)
}

// print prints a folder, for a terminal in columns of which the first is so wide.
func (f *imapFolder) print(c *cli.Context, out *output, name string, wide int) error {
	messages, unseen, words := countText(f.Messages), countText(f.Unseen), strings.Join(attributeWords(f.attrs), ",")
	switch {
	case c.Bool("json"):
		return out.JSON(f)
	case c.Bool("names"):
		return out.Line(name)
	case out.tty && out.end == '\n':
		return out.Line(strings.TrimRight(fmt.Sprintf("%s %7s %7s  %s", fit(name, wide), messages, unseen, words), " "))
	}
	return out.Line(name, messages, unseen, words)
}
