package main

import (
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"posta/internal/sandbox"
)

func newSandboxWaitCommand(e *env) *cli.Command {
	limit := timeLimit(10 * time.Second)
	return &cli.Command{
		Name:  "wait",
		Usage: "wait until letters have come, and list them",
		Flags: append(matchFlags(),
			&cli.IntFlag{Name: "count", Value: 1, Usage: "until there are `N`"},
			&cli.GenericFlag{Name: "timeout", Value: &limit, Usage: "for at most that `TIME`"},
			&cli.BoolFlag{Name: "json", Usage: "an object a letter"},
		),
		Action: func(c *cli.Context) error { return runSandboxWait(c, e) },
	}
}

func runSandboxWait(c *cli.Context, e *env) error {
	sb, err := sandboxClient(c, e)
	if err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	count, limit := c.Int("count"), limitOf(c, "timeout")
	if count < 1 {
		return usageError("sandbox wait: --count is from 1")
	}
	letters, err := sb.Wait(c.Context, sandboxMatch(c), count, limit)
	if err != nil && !errors.Is(err, sandbox.ErrNothing) {
		return err
	}
	if err := printLetters(e, letters, c.Bool("json")); err != nil {
		return err
	}
	if err != nil {
		return fail(exitNegative, "sandbox wait: %d of %d letters came within %v", len(letters), count, limit)
	}
	return nil
}
