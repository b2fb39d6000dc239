package main

import (
	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"
)

func newIMAPListCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "list",
		Usage:     "print UID, size, flags, From, date and Subject of messages",
		ArgsUsage: "[UID...|QUERY...]",
		Flags: imapFlags(append(append(foldersFlags(), orderFlags()...),
			&cli.BoolFlag{Name: "0", Usage: "end lines with NUL"},
		)...),
		Action: func(c *cli.Context) error { return runIMAPList(c, e) },
	}
}

func runIMAPList(c *cli.Context, e *env) error {
	order, err := readOrder(c)
	if err != nil {
		return err
	}
	r, err := newIMAPReading(c, e)
	if err != nil {
		return err
	}
	if c.Bool("0") {
		e.out.end = 0
	}
	return r.run(e, func() error {
		if order.asItComes() && (r.sel.all || r.sel.uids != nil) {
			return r.listAll()
		}
		found, err := r.find(order)
		if err != nil {
			return err
		}
		return r.letters(found)
	})
}

// listAll lists messages that need not be searched for: one turn for all folders.
func (r *imapReading) listAll() error {
	set := r.sel.uids
	if r.sel.all {
		set = goimap.UIDSet{{Start: 1, Stop: 0}}
	}
	var streams []letterStream
	for _, folder := range r.folders {
		streams = append(streams, r.stream(folder, set))
	}
	for _, s := range streams {
		if err := r.showStream(s); err != nil {
			return err
		}
	}
	return nil
}
