package main

import "github.com/urfave/cli/v2"

// newMXSRVCommand is posta mx --srv by another name.
func newMXSRVCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "srv",
		Usage:     "find the submission, IMAP and POP3 servers of domains",
		ArgsUsage: "[DOMAIN|ADDRESS...]",
		Flags: append(mxResolverFlags(),
			&cli.BoolFlag{Name: "json", Usage: "an object a domain"},
			&cli.IntFlag{Name: "jobs", Usage: "`N` look-ups at a time"},
			&cli.BoolFlag{Name: "0", Usage: "lines end in NUL, read and written"},
		),
		Action: func(c *cli.Context) error { return runMX(c, e) },
	}
}
