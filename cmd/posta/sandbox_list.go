package main

import "github.com/urfave/cli/v2"

func newSandboxListCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:   "list",
		Usage:  "list the letters that were caught",
		Flags:  append(matchFlags(), &cli.BoolFlag{Name: "json", Usage: "an object a letter"}),
		Action: func(c *cli.Context) error { return runSandboxList(c, e) },
	}
}

func runSandboxList(c *cli.Context, e *env) error {
	sb, err := sandboxClient(c, e)
	if err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	letters, err := sb.List(c.Context, sandboxMatch(c))
	if err != nil {
		return err
	}
	return printLetters(e, letters, c.Bool("json"))
}
