package main

import (
	"fmt"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"
)

func newIMAPCopyCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "copy",
		Usage:     "copy messages to another folder of the account",
		ArgsUsage: "UID...|QUERY...",
		Flags:     changeFlags(destinationFlag(), createFlag()),
		Action:    func(c *cli.Context) error { return runIMAPCopy(c, e) },
	}
}

// destinationFlag is --to, the folder that messages go to.
func destinationFlag() cli.Flag {
	return &cli.StringFlag{Name: "to", Usage: "`FOLDER` that messages go to"}
}

func runIMAPCopy(c *cli.Context, e *env) error {
	to := c.String("to")
	if to == "" {
		return usageError("imap copy: needs --to FOLDER")
	}
	return runIMAPChange(c, e, c.Args().Slice(), func(ch *imapChange) error { return ch.copy(to) })
}

func (ch *imapChange) copy(to string) error {
	if err := ch.locate(true); err != nil {
		return err
	}
	if ch.c.Bool("n") {
		return ch.would("copy", imapDone{To: to}, to)
	}
	return ch.transfer("copied", to, func() (goimap.CopyData, error) { return ch.client.Copy(ch.uids, to).Wait() })
}

// transfer copies or moves the messages, and tells what the server says that it did.
func (ch *imapChange) transfer(event, to string, do func() (goimap.CopyData, error)) error {
	var data goimap.CopyData
	err := ch.intoFolder(to, ch.c.Bool("create"), func() (err error) {
		data, err = do()
		return err
	})
	done := imapDone{Event: event, To: to, ToUIDValidity: data.UIDValidity, ToUIDs: data.DestUIDs.String()}
	switch {
	case err == nil:
	case ch.client.Broken():
		return fmt.Errorf("%w; what of it is done is not known", err)
	case len(data.SourceUIDs) == 0 || onlyCopied(err):
		return err
	default: // one of several commands was refused
		ch.env.warn("%v", err)
		return firstError(ch.did(done, data.SourceUIDs, without(ch.uids, ascending(slices.Clone(data.SourceUIDs)))), silent(exitPartial))
	}
	uids := ch.uids
	if len(data.SourceUIDs) > 0 { // COPYUID: some may have been expunged by others meanwhile
		uids = data.SourceUIDs
		if gone := without(ch.uids, ascending(slices.Clone(uids))); len(gone) > 0 {
			ch.env.warn("%s has no message %s any more", ch.folder, gone)
			ch.missing.AddSet(gone)
		}
	}
	return ch.did(done, uids, nil)
}
