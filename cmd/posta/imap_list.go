package main

import (
	"github.com/urfave/cli/v2"
)

func newIMAPListCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "list",
		Usage:     "print UID, size, flags, From, date and Subject of messages",
		ArgsUsage: "[UID...|QUERY...]",
		Flags: imapFlags(append(append(foldersFlags(), orderFlags()...),
			nulFlag(),
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
	return r.run(e, func() error {
		return r.list(order)
	})
}
