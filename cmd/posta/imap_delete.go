package main

import (
	"errors"
	"fmt"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

func newIMAPDeleteCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "delete",
		Usage:     "move messages to the trash, or delete them for good",
		ArgsUsage: "UID...|QUERY...",
		Flags: changeFlags(
			&cli.BoolFlag{Name: "expunge", Usage: "delete for good"},
			&cli.StringFlag{Name: "trash", Usage: "`FOLDER` that is the trash (default: as the server says)"},
			createFlag(),
		),
		Action: func(c *cli.Context) error { return runIMAPDelete(c, e) },
	}
}

func runIMAPDelete(c *cli.Context, e *env) error {
	expunge, trash := c.Bool("expunge"), c.String("trash")
	if expunge && trash != "" {
		return usageError("imap delete: --expunge and --trash exclude each other")
	}
	return runIMAPChange(c, e, c.Args().Slice(), func(ch *imapChange) error {
		if expunge {
			return ch.expunge()
		}
		return ch.discard(trash)
	})
}

// discard moves the messages to the trash, which is looked for in the turn that finds them.
func (ch *imapChange) discard(trash string) error {
	var look *imap.Pending[[]*goimap.ListData]
	if trash == "" {
		look = lookForTrash(ch.client)
	}
	err := ch.locate(false)
	if look != nil {
		list, listErr := look.Wait()
		if err == nil {
			err = listErr
		}
		trash = trashOf(list)
	}
	switch {
	case err != nil:
		return err
	case trash == "":
		return fail(exitUnavailable, "the account has no folder for deleted messages: name one with --trash, or --expunge")
	case sameFolder(trash, ch.folder):
		return fail(exitUsage, "%s is the trash: --expunge deletes for good", trash)
	}
	return ch.move(trash)
}

// expunge deletes the messages for good, and no others: by UID EXPUNGE (RFC 4315 §2.1). Then it looks whether they are
// gone, since a server may leave out what the user has no right to and say OK (RFC 4314 §4); it does so in a turn of its
// own, for Dovecot lets commands that follow at once see what was there.
func (ch *imapChange) expunge() error {
	if err := ch.locate(false); err != nil {
		return err
	}
	if ch.c.Bool("n") {
		return ch.would("expunge", imapDone{}, "")
	}
	if !ch.client.Caps().Has(goimap.CapUIDPlus) {
		_, err := ch.client.UIDExpunge(ch.uids).Wait()
		return withoutUIDPlus(err)
	}
	marked := ch.client.Store(ch.uids, goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}, imap.StoreOptions{})
	expunged := ch.client.UIDExpunge(ch.uids)
	_, err := marked.Wait()
	if _, expungeErr := expunged.Wait(); err == nil {
		err = expungeErr
	}
	if err != nil {
		return err
	}
	failed, err := union(ch.search(ch.uids, goimap.SearchCriteria{}))
	if err != nil {
		return err
	}
	if len(failed) == 0 {
		return ch.did(imapDone{Event: "expunged"}, ch.uids, nil)
	}
	ch.env.warn("the server has not deleted %s: is it allowed?", failed)
	if count(failed) == count(ch.uids) {
		return silent(exitUnavailable)
	}
	return ch.did(imapDone{Event: "expunged"}, without(ch.uids, failed), failed)
}

func withoutUIDPlus(err error) error {
	if errors.Is(err, imap.ErrUnsupported) {
		return fmt.Errorf("%w: EXPUNGE would delete what others have marked, too", err)
	}
	return err
}
