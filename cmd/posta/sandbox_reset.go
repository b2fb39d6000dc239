package main

import "github.com/urfave/cli/v2"

func newSandboxResetCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:   "reset",
		Usage:  "forget all letters and faults",
		Flags:  []cli.Flag{controlFlag()},
		Action: func(c *cli.Context) error { return runSandboxReset(c, e) },
	}
}

func runSandboxReset(c *cli.Context, e *env) error {
	sb, err := sandboxClient(c, e)
	if err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	return sb.Reset(c.Context)
}
