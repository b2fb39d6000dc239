package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"posta/mxlookup"
	"posta/mxlookup/mailflow"
)

func newMXTraceCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "trace",
		Usage: "show the way that the letter on standard input took, and verify who sent it",
		Flags: append(mxResolverFlags(),
			&cli.BoolFlag{Name: "json", Usage: "one object"},
			&cli.BoolFlag{Name: "no-verify", Usage: "ask no name server"}),
		Action: func(c *cli.Context) error { return runMXTrace(c, e) },
	}
}

func runMXTrace(c *cli.Context, e *env) error {
	if c.Args().Present() {
		return usageError("mx trace: the letter is read from standard input")
	}
	var r *mxlookup.Resolver
	if !c.Bool("no-verify") {
		var err error
		if r, err = newResolver(c, e); err != nil {
			return err
		}
		defer r.Close()
	}
	t, err := mailflow.ReadTrace(c.Context, &readFailure{e.stdin}, r)
	if err != nil {
		return traceError(err)
	}
	if c.Bool("json") {
		return e.out.JSON(t)
	}
	if t.More > 0 {
		e.warn("%d Received fields before these are not shown", t.More)
	}
	return printTrace(e.out, t)
}

// printTrace prints what is known a line each; its first field says of what kind it is.
func printTrace(out *output, t *mailflow.Trace) error {
	lines := traceHops(t)
	for _, r := range t.Results {
		lines = append(lines, []string{"results", r.Server, strings.Join(r.Results, "; ")})
	}
	for _, a := range t.ARC {
		lines = append(lines, []string{"arc", a.Instance, a.Chain, a.Domain, strings.Join(a.Results, "; ")})
	}
	if s := t.SPF; s != nil {
		lines = append(lines, []string{"spf", s.Result, s.Domain, s.Address.String(), s.Reason})
	}
	for _, d := range t.DKIM {
		lines = append(lines, []string{"dkim", d.Result, d.Domain, d.Reason})
	}
	if d := t.DMARC; d != nil {
		lines = append(lines, []string{"dmarc", d.Result, d.Domain, d.Policy, d.By})
	}
	for _, fields := range lines {
		if err := out.Line(fields...); err != nil {
			return err
		}
	}
	return nil
}

func traceHops(t *mailflow.Trace) [][]string {
	var lines [][]string
	for i, h := range t.Hops {
		at, remark := "", ""
		if !h.Time.IsZero() {
			at = h.Time.UTC().Format(time.RFC3339)
		}
		switch {
		case h.Skew:
			remark = "the clocks disagree"
		case h.Longest:
			remark = "here it waited longest"
		}
		from := h.From
		if h.Address.IsValid() && !strings.Contains(from, h.Address.String()) {
			from = strings.TrimSpace(from + " [" + h.Address.String() + "]")
		}
		lines = append(lines, []string{"hop", strconv.Itoa(i + 1), at, seconds(h.Delay), from, h.By, h.With, remark})
	}
	if len(lines) > 0 {
		lines = append(lines, []string{"total", seconds(t.Total)})
	}
	return lines
}

func seconds(s float64) string { return fmt.Sprintf("%gs", s) }

// traceError is an error of reading a letter with its exit status.
func traceError(err error) error {
	if err == mailflow.ErrNoLetter || err == mailflow.ErrEmptyLines || err == io.ErrUnexpectedEOF {
		return fail(exitDataErr, "%w", err)
	}
	return err
}
