package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

func newIMAPSearchCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "search",
		Usage:     "print the UIDs of messages that a query finds",
		ArgsUsage: "[QUERY...]",
		Flags: imapFlags(append(append(foldersFlags(), orderFlags()...),
			&cli.BoolFlag{Name: "count", Usage: "print only how many there are"},
			nulFlag(),
		)...),
		Action: func(c *cli.Context) error { return runIMAPSearch(c, e) },
	}
}

func runIMAPSearch(c *cli.Context, e *env) error {
	order, err := readOrder(c)
	if err != nil {
		return err
	}
	r, err := newIMAPReading(c, e)
	if err != nil {
		return err
	}
	r.empty = exitNegative // no message is no match
	return r.run(e, func() error {
		if c.Bool("count") {
			return r.count()
		}
		if r.json {
			return r.list(order)
		}
		found, err := r.find(order)
		if err != nil {
			return err
		}
		return r.printUIDs(found)
	})
}

func (r *imapReading) printUIDs(found []foundIn) error {
	for _, f := range found {
		for uid := range f.uids.all() {
			fields := []string{f.folder, strconv.FormatUint(uint64(uid), 10)}
			if !r.many {
				fields = fields[1:]
			}
			r.found++
			if err := r.env.out.Line(fields...); err != nil {
				return err
			}
		}
	}
	return nil
}

// folderCount is what --count --json prints.
type folderCount struct {
	Folder string `json:"folder"`
	Count  uint32 `json:"count"`
}

// count prints how many messages there are in each folder.
func (r *imapReading) count() error {
	if r.needsDays(r.sel) {
		return r.countByDays()
	}
	var opt imap.SearchOptions
	opt.ReturnCount = true
	search := func(c *imap.Client) *imap.Pending[imap.Found] { return c.Search(r.sel.program(), opt) }
	return ask(r, search, func(folder string, found imap.Found) error {
		r.found += int(found.Count)
		return r.printCount(folderCount{folder, found.Count})
	})
}

func (r *imapReading) printCount(n folderCount) error {
	count := strconv.FormatUint(uint64(n.Count), 10)
	switch {
	case r.json:
		return r.env.out.JSON(n)
	case r.many:
		return r.env.out.Line(n.Folder, count)
	}
	return r.env.out.Line(count)
}
