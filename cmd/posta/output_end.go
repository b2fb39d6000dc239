package main

import "github.com/urfave/cli/v2"

// nulFlag is -0, for commands whose lines are read by others.
func nulFlag() cli.Flag { return &cli.BoolFlag{Name: "0", Usage: "end lines with NUL"} }

// nulLines ends the lines of standard output as -0 says.
func nulLines(c *cli.Context, e *env) {
	if c.Bool("0") {
		e.out.end = 0
	}
}
