package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

// foldersFlags are -f and --all-folders, for commands that read in several folders.
func foldersFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "folder", Aliases: []string{"f"}, Usage: "`FOLDER` to read in, any number of times", DefaultText: "INBOX"},
		&cli.BoolFlag{Name: "all-folders", Usage: "read in all folders"},
	}
}

// imapReading is a command that reads in one folder or several.
type imapReading struct {
	*imapSession
	c       *cli.Context
	sel     selection
	json    bool
	folders []string
	many    bool   // lines name the folder
	writes  bool   // folders are selected for a change
	current string // folder that is selected, or being so
	empty   int    // status where nothing is found
	found   int    // messages
	failed  int    // folders
	first   error
}

// newIMAPReading reads the flags of foldersFlags, -0 and the arguments.
func newIMAPReading(c *cli.Context, e *env) (*imapReading, error) {
	nulLines(c, e)
	sel, err := readSelection(c.Args().Slice(), e.now())
	if err != nil {
		return nil, err
	}
	r := &imapReading{c: c, sel: sel, json: c.Bool("json"), folders: c.StringSlice("folder")}
	if !sel.all {
		r.empty = exitNegative
	}
	switch {
	case c.Bool("all-folders") && len(r.folders) > 0:
		return nil, usageError("-f and --all-folders exclude each other")
	case len(r.folders) == 0:
		r.folders = []string{"INBOX"}
	}
	r.many = c.Bool("all-folders") || len(r.folders) > 1
	return r, nil
}

// run connects and does what each does; then it says whether anything was found.
func (r *imapReading) run(e *env, each func() error) error {
	return runIMAP(r.c, e, func(s *imapSession) (err error) {
		r.imapSession = s
		if err := s.understands(r.sel); err != nil {
			return err
		}
		if r.c.Bool("all-folders") {
			if r.folders, err = s.allFolders(); err != nil {
				return err
			}
		}
		if err := each(); err != nil {
			return err
		}
		return r.status()
	})
}

// allFolders are the names of all folders that can have messages.
func (s *imapSession) allFolders() ([]string, error) {
	list, err := s.client.List("", "*", nil).Wait()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, data := range list {
		if selectable(data.Attrs) {
			names = append(names, data.Mailbox)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// folderFailed notes that a folder cannot be read. It is an error where there is no other, or the connection is lost.
func (r *imapReading) folderFailed(err error) error {
	if len(r.folders) == 1 || r.client.Broken() {
		return err
	}
	r.env.warn("%v", err)
	r.failed++
	if r.first == nil {
		r.first = err
	}
	return nil
}

// status is that of the command. Where every message is listed, none is an answer as well.
func (r *imapReading) status() error {
	switch {
	case r.failed > 0 && r.failed == len(r.folders):
		return silent(statusOf(r.first))
	case r.failed > 0:
		return silent(exitPartial)
	case r.found == 0:
		return silent(r.empty)
	}
	return nil
}

// program is the selection as a search.
func (sel selection) program() imap.Program {
	if sel.uids != nil {
		return imap.Raw("UID", sel.uids.String())
	}
	return sel.query
}

// foldersAhead is how many folders are asked about at once.
const foldersAhead = 500

// ask selects one folder after the other and asks something in each, all in one turn. A folder that cannot be asked is
// told.
func ask[T any](r *imapReading, question func(*imap.Client) *imap.Pending[T], then func(folder string, answer T) error) error {
	return askSelected(r, question, func(folder string, _ imap.Selected, answer T) error { return then(folder, answer) })
}

// askSelected is ask for those who want to know what the server said of the folder, too.
func askSelected[T any](r *imapReading, question func(*imap.Client) *imap.Pending[T], then func(string, imap.Selected, T) error) error {
	for folders := range slices.Chunk(r.folders, foldersAhead) {
		asked := make([]inFolder[T], len(folders))
		for i, folder := range folders {
			asked[i].selected = r.client.Select(folder, imap.SelectOptions{ReadOnly: !r.writes})
			asked[i].answer = question(r.client)
		}
		for i, folder := range folders {
			box, answer, err := asked[i].wait()
			if err != nil {
				err = r.folderFailed(err)
			} else {
				err = then(folder, box, answer)
			}
			if err != nil {
				return err
			}
		}
	}
	r.current, _ = r.client.Selected()
	return nil
}

// inFolder is a folder being selected, and the answer to what is asked in it.
type inFolder[T any] struct {
	selected *imap.Pending[imap.Selected]
	answer   *imap.Pending[T]
}

// wait waits for both.
func (f *inFolder[T]) wait() (box imap.Selected, answer T, err error) {
	if box, err = f.selected.Wait(); err == nil {
		answer, err = f.answer.Wait()
	}
	return box, answer, err
}

// open selects a folder, if it is not selected, together with what comes next.
func (r *imapReading) open(folder string) *imap.Pending[imap.Selected] {
	if r.current == folder {
		return nil
	}
	r.current = folder
	return r.client.Select(folder, imap.SelectOptions{ReadOnly: !r.writes})
}
