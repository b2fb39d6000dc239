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
			nulFlag(),
		),
		Action: func(c *cli.Context) error { return runIMAPFolders(c, e) },
	}
}

func runIMAPFolders(c *cli.Context, e *env) error {
	if c.Bool("names") && c.Bool("tree") {
		return usageError("imap folders: --names and --tree exclude each other")
	}
	nulLines(c, e)
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
	names := folderNames(folders, c.Bool("tree"))
	wide := 0
	for _, name := range names {
		wide = min(max(wide, textWidth(escapeControl(name))), 60)
	}
	for i, f := range folders {
		if err := f.print(c, s.env.out, names[i], wide); err != nil {
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
