package main

import (
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"posta/internal/sandbox"
)

func newSandboxExpectNoneCommand(e *env) *cli.Command {
	limit := timeLimit(time.Millisecond)
	return &cli.Command{
		Name:  "expect-none",
		Usage: "fail if a letter has come",
		Flags: append(matchFlags(),
			&cli.GenericFlag{Name: "for", Value: &limit, Usage: "or comes within that `TIME`"},
			&cli.BoolFlag{Name: "json", Usage: "an object a letter"},
		),
		Action: func(c *cli.Context) error { return runSandboxExpectNone(c, e) },
	}
}

func runSandboxExpectNone(c *cli.Context, e *env) error {
	sb, err := sandboxClient(c, e)
	if err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	letters, err := sb.Wait(c.Context, sandboxMatch(c), 1, limitOf(c, "for"))
	if errors.Is(err, sandbox.ErrNothing) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := printLetters(e, letters, c.Bool("json")); err != nil {
		return err
	}
	return fail(exitNegative, "sandbox expect-none: %d came", len(letters))
}
