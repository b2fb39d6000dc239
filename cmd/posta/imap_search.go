package main

import (
	"strconv"

	"github.com/urfave/cli/v2"
)

func newIMAPSearchCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "search",
		Usage:     "print the UIDs of messages that a query finds",
		ArgsUsage: "[QUERY...]",
		Flags:     imapFlags(folderFlag()),
		Action:    func(c *cli.Context) error { return runIMAPSearch(c, e) },
	}
}

func runIMAPSearch(c *cli.Context, e *env) error {
	sel, err := readSelection(c.Args().Slice(), e.now())
	if err != nil {
		return err
	}
	return runIMAP(c, e, func(s *imapSession) error { return s.search(c, sel) })
}

func (s *imapSession) search(c *cli.Context, sel selection) error {
	uids, _, err := s.find(c.String("folder"), true, sel)
	if err != nil {
		return err
	}
	if len(uids) == 0 {
		return silent(exitNegative)
	}
	for _, r := range uids {
		for uid := uint64(r.Start); uid <= uint64(r.Stop); uid++ {
			if err := s.env.out.Line(strconv.FormatUint(uid, 10)); err != nil {
				return err
			}
		}
	}
	return nil
}
