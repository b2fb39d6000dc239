package main

import (
	"errors"
	"strconv"

	"github.com/urfave/cli/v2"

	"posta/internal/sandbox"
)

func newSandboxGetCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "get",
		Usage:     "write a letter to standard output, octet for octet",
		ArgsUsage: "[NUMBER]",
		Flags:     append(matchFlags(), &cli.BoolFlag{Name: "last", Usage: "the newest; this is what happens without NUMBER"}),
		Action:    func(c *cli.Context) error { return runSandboxGet(c, e) },
	}
}

func runSandboxGet(c *cli.Context, e *env) error {
	sb, err := sandboxClient(c, e)
	if err != nil {
		return err
	}
	id := 0
	if c.Args().Present() {
		id, err = strconv.Atoi(c.Args().First())
		if err != nil || id < 1 || c.NArg() > 1 || c.Bool("last") {
			return usageError("sandbox get: needs one letter's number, or --last")
		}
	}
	_, err = sb.Get(c.Context, id, sandboxMatch(c), e.out)
	if errors.Is(err, sandbox.ErrNothing) {
		return fail(exitNegative, "sandbox get: there is no such letter")
	}
	return err
}
