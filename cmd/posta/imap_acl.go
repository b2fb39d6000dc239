package main

import (
	"maps"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"
)

func newIMAPACLCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "acl",
		Usage:     "print who may do what with a folder, or change it",
		ArgsUsage: "FOLDER [USER +RIGHTS|-RIGHTS|RIGHTS]",
		Flags: imapFlags(
			&cli.BoolFlag{Name: "mine", Usage: "print only the own rights"},
			&cli.BoolFlag{Name: "delete", Usage: "take the user off the list"},
		),
		Action: func(c *cli.Context) error { return runIMAPACL(c, e) },
	}
}

// aclLine is what acl --json prints (RFC 4314).
type aclLine struct {
	Folder     string `json:"folder"`
	Identifier string `json:"identifier,omitempty"`
	Rights     string `json:"rights"`
}

func runIMAPACL(c *cli.Context, e *env) error {
	run, err := readACL(c)
	if err != nil {
		return err
	}
	return runIMAP(c, e, run)
}

// readACL reads the arguments: what is to be done.
func readACL(c *cli.Context) (func(*imapSession) error, error) {
	args := c.Args().Slice()
	mine, remove := c.Bool("mine"), c.Bool("delete")
	switch {
	case len(args) == 0 || slices.Contains(args, ""):
		return nil, usageError("imap acl needs a folder")
	case mine && !remove && len(args) == 1:
		return func(s *imapSession) error { return s.myRights(c, args[0]) }, nil
	case mine || remove && len(args) != 2 || !remove && len(args) == 2 || len(args) > 3:
		return nil, usageError("imap acl takes FOLDER, FOLDER --mine, FOLDER USER --delete, or FOLDER USER and +RIGHTS, -RIGHTS or RIGHTS")
	case len(args) == 1:
		return func(s *imapSession) error { return s.acl(c, args[0]) }, nil
	case remove:
		return func(s *imapSession) error {
			_, err := s.client.DeleteACL(args[0], goimap.RightsIdentifier(args[1])).Wait()
			return err
		}, nil
	}
	return func(s *imapSession) error { return s.setACL(args[0], args[1], args[2]) }, nil
}

func (s *imapSession) acl(c *cli.Context, folder string) error {
	list, err := s.client.ACL(folder).Wait()
	if err != nil {
		return err
	}
	for _, who := range slices.Sorted(maps.Keys(list)) {
		if err := s.printRights(c, aclLine{folder, string(who), string(list[who])}); err != nil {
			return err
		}
	}
	return nil
}

func (s *imapSession) myRights(c *cli.Context, folder string) error {
	rights, err := s.client.MyRights(folder).Wait()
	if err != nil {
		return err
	}
	return s.printRights(c, aclLine{Folder: folder, Rights: string(rights)})
}

func (s *imapSession) printRights(c *cli.Context, l aclLine) error {
	switch {
	case c.Bool("json"):
		return s.env.out.JSON(l)
	case l.Identifier == "":
		return s.env.out.Line(l.Rights)
	}
	return s.env.out.Line(l.Identifier, l.Rights)
}

// setACL gives rights: "+lr" adds, "-lr" takes, "lr" are all.
func (s *imapSession) setACL(folder, who, rights string) error {
	change := goimap.RightModificationReplace
	if strings.ContainsAny(rights[:1], "+-") {
		change, rights = goimap.RightModification(rights[0]), rights[1:]
	}
	_, err := s.client.SetACL(folder, goimap.RightsIdentifier(who), change, goimap.RightSet(rights)).Wait()
	return err
}
