package main

import (
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"
)

func newIMAPFoldersCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "folders",
		Usage:     "print folders, how many messages are in them and what they are for",
		ArgsUsage: "[PATTERN...]",
		Flags: imapFlags(
			&cli.BoolFlag{Name: "subscribed", Usage: "only those that are subscribed to"},
			&cli.BoolFlag{Name: "names", Usage: "names alone, which costs the server less"},
			&cli.BoolFlag{Name: "tree", Usage: "each below the one that it is in"},
			&cli.BoolFlag{Name: "0", Usage: "end lines with NUL"},
		),
		Action: func(c *cli.Context) error { return runIMAPFolders(c, e) },
	}
}

// imapFolder is a folder as folders --json shows it.
type imapFolder struct {
	Folder     string   `json:"folder"`
	Delimiter  string   `json:"delimiter,omitempty"`
	Attributes []string `json:"attributes"`
	folderStatus

	attrs []goimap.MailboxAttr
}

func runIMAPFolders(c *cli.Context, e *env) error {
	if c.Bool("names") && c.Bool("tree") {
		return usageError("imap folders: --names and --tree exclude each other")
	}
	if c.Bool("0") {
		e.out.end = 0
	}
	return runIMAP(c, e, func(s *imapSession) error { return s.printFolders(c) })
}

func (s *imapSession) printFolders(c *cli.Context) error {
	folders, err := s.listFolders(c)
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		return silent(exitNegative)
	}
	status := error(nil)
	if !c.Bool("names") {
		if status, err = s.counts(folders); err != nil {
			return err
		}
	}
	var above []*imapFolder
	for _, f := range folders {
		name := f.Folder
		if c.Bool("tree") {
			above = f.parents(above)
			name = f.below(above)
			above = append(above, f)
		}
		if err := f.print(c, s.env.out, name); err != nil {
			return err
		}
	}
	return status
}

// listFolders lists what the patterns name, each folder before those in it and INBOX first.
func (s *imapSession) listFolders(c *cli.Context) ([]*imapFolder, error) {
	opt := &goimap.ListOptions{SelectSubscribed: c.Bool("subscribed"), ReturnSubscribed: true, ReturnSpecialUse: true, ReturnChildren: true}
	if !c.Bool("names") {
		opt.ReturnStatus = folderStatusItems()
	}
	patterns := c.Args().Slice()
	if len(patterns) == 0 {
		patterns = []string{"*"}
	}
	byName := map[string]*imapFolder{}
	for _, pattern := range patterns {
		list, err := s.client.List("", pattern, opt).Wait()
		if err != nil {
			return nil, err
		}
		for _, data := range list {
			byName[data.Mailbox] = newIMAPFolder(data)
		}
	}
	var folders []*imapFolder
	for _, f := range byName {
		folders = append(folders, f)
	}
	slices.SortFunc(folders, func(a, b *imapFolder) int { return strings.Compare(a.place(), b.place()) })
	return folders, nil
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

// counts asks for the counts that did not come with the list, of all folders in one turn.
func (s *imapSession) counts(folders []*imapFolder) (status, err error) {
	if s.client.Caps().Has(goimap.CapListStatus) {
		return nil, nil
	}
	byName := map[string]*imapFolder{}
	var names []string
	for _, f := range folders {
		if selectable(f.attrs) {
			byName[f.Folder], names = f, append(names, f.Folder)
		}
	}
	err = eachFolder(s, names, s.askStatus, func(name string, data goimap.StatusData) error {
		byName[name].take(&data)
		return nil
	})
	if err != nil && !s.client.Broken() { // the folders are there all the same
		return err, nil
	}
	return nil, err
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

func (f *imapFolder) print(c *cli.Context, out *output, name string) error {
	switch {
	case c.Bool("json"):
		return out.JSON(f)
	case c.Bool("names"):
		return out.Line(name)
	}
	return out.Line(name, countText(f.Messages), countText(f.Unseen), strings.Join(attributeWords(f.attrs), ","))
}
