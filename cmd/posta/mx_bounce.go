package main

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"posta/mimetool/stream"
	"posta/mxlookup/mailflow"
)

func newMXBounceCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "bounce",
		Usage: "say who did not get a letter, and why, from the bounce on standard input",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "stream", Usage: "many bounces: `FORMAT` mboxrd, mboxo, mboxcl2, jsonl, tar or paths"},
			&cli.BoolFlag{Name: "0", Usage: "paths end in NUL, and the lines that are written"},
			&cli.BoolFlag{Name: "json", Usage: "an object a recipient"},
		},
		Action: func(c *cli.Context) error { return runMXBounce(c, e) },
	}
}

func runMXBounce(c *cli.Context, e *env) error {
	if c.Args().Present() {
		return usageError("mx bounce: bounces are read from standard input")
	}
	nulLines(c, e)
	if format := c.String("stream"); format != "" {
		return streamBounces(c, e, stream.Format(format))
	}
	list, err := mailflow.ReadBounce(&readFailure{e.stdin})
	if err != nil {
		return bounceError(err)
	}
	return printBounces(c, e, list)
}

// streamBounces reads many letters. One that is no bounce, or cannot be read, does not stop the others.
func streamBounces(c *cli.Context, e *env, format stream.Format) error {
	done, failed := 0, 0
	for m, err := range stream.Read(e.stdin, format, stream.Options{NUL: c.Bool("0")}) {
		if err := c.Context.Err(); err != nil {
			return err
		}
		var entry *stream.EntryError
		if err != nil && !errors.As(err, &entry) {
			return err
		}
		var list []mailflow.Bounce
		if err == nil {
			list, err = mailflow.ReadBounce(m)
		}
		if err != nil {
			failed++
			if entry == nil {
				err = &stream.EntryError{Index: m.Index, Name: m.Name, Err: err}
			}
			e.warn("%v", err)
			continue
		}
		done++
		if err := printBounces(c, e, list); err != nil {
			return err
		}
	}
	switch {
	case failed == 0:
		return nil
	case done == 0:
		return silent(exitNegative)
	}
	return silent(exitPartial)
}

// printBounces prints a line, or an object, for each recipient.
func printBounces(c *cli.Context, e *env, list []mailflow.Bounce) error {
	for i := range list {
		b := &list[i]
		var err error
		if c.Bool("json") {
			err = e.out.JSON(b)
		} else {
			err = e.out.Line(b.Recipient, bounceKind(b), b.Status, b.Words, b.Line, b.MessageID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bounceKind is the word that list cleaning goes by: only a permanent failure is a reason to remove an address.
func bounceKind(b *mailflow.Bounce) string {
	switch {
	case b.Permanent:
		return "permanent"
	case b.Action == "failed" && b.Status == "":
		return "unknown"
	case b.Action == "failed":
		return "temporary"
	}
	return b.Action
}

func bounceError(err error) error {
	switch {
	case errors.Is(err, mailflow.ErrNoBounce):
		return fail(exitNegative, "%w", err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fail(exitDataErr, "%w", err)
	}
	return err
}
