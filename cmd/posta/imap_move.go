package main

import (
	"errors"
	"fmt"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

func newIMAPMoveCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "move",
		Usage:     "move messages to another folder of the account",
		ArgsUsage: "UID...|QUERY...",
		Flags:     changeFlags(destinationFlag(), createFlag()),
		Action:    func(c *cli.Context) error { return runIMAPMove(c, e) },
	}
}

func runIMAPMove(c *cli.Context, e *env) error {
	to := c.String("to")
	switch {
	case to == "":
		return usageError("imap move: needs --to FOLDER")
	case sameFolder(to, c.String("folder")):
		return usageError("imap move: the messages are in %s already", to)
	}
	return runIMAPChange(c, e, c.Args().Slice(), func(ch *imapChange) error {
		if err := ch.locate(false); err != nil {
			return err
		}
		return ch.move(to)
	})
}

func (ch *imapChange) move(to string) error {
	if ch.c.Bool("n") {
		return ch.would("move", imapDone{To: to}, to)
	}
	return ch.transfer("moved", to, func() (goimap.CopyData, error) {
		data, err := ch.client.Move(ch.uids, to)
		return data, ch.notMoved(err)
	})
}

// notMoved says more about a move that failed: why it cannot be done here, and where the messages are.
func (ch *imapChange) notMoved(err error) error {
	switch {
	case errors.Is(err, imap.ErrUnsupported):
		return fmt.Errorf("%w, nor MOVE: messages cannot be moved without the danger of deleting others", err)
	case onlyCopied(err):
		return fmt.Errorf("%w; the messages are copied, and still where they were", err)
	}
	return err
}

// onlyCopied says whether a move by copying ended after the copy.
func onlyCopied(err error) bool {
	var failed *imap.Error
	return errors.As(err, &failed) && (failed.Command == "UID STORE" || failed.Command == "UID EXPUNGE")
}
