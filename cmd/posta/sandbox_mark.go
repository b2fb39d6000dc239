package main

import (
	"strconv"

	"github.com/urfave/cli/v2"
)

func newSandboxMarkCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:   "mark",
		Usage:  "print a mark: --since takes it for what comes from now on",
		Flags:  []cli.Flag{controlFlag()},
		Action: func(c *cli.Context) error { return runSandboxMark(c, e) },
	}
}

func runSandboxMark(c *cli.Context, e *env) error {
	sb, err := sandboxClient(c, e)
	if err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	mark, err := sb.Mark(c.Context)
	if err != nil {
		return err
	}
	return e.out.Line(strconv.Itoa(mark))
}
