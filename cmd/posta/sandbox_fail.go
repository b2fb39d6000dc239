package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"posta/internal/sandbox"
)

func newSandboxFailCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "fail",
		Usage: "script a fault: what the sandbox does wrong, when, and how often",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "protocol", Value: "smtp", Usage: "`PROTOCOL`: smtp, pop3, imap or dns"},
			&cli.StringFlag{Name: "stage", Usage: "`STAGE` of the dialogue: connect, ehlo, rcpt, data, end…"},
			&cli.StringFlag{Name: "match", Usage: "for addresses (at some stages names) like `GLOB` alone"},
			&cli.IntFlag{Name: "times", Usage: "`N` times (default: until it is cleared)"},
			&cli.StringFlag{Name: "reply", Usage: "answer `TEXT` instead: \"451 4.7.1 greylisted\""},
			&cli.BoolFlag{Name: "drop", Usage: "close the connection"},
			&cli.BoolFlag{Name: "stall", Usage: "do nothing more"},
			&cli.GenericFlag{Name: "delay", Value: new(timeLimit), Usage: "wait that `TIME` first"},
			&cli.GenericFlag{Name: "drip", Value: new(timeLimit), Usage: "take that `TIME` for each octet of the reply"},
			&cli.Int64Flag{Name: "cut-after", Usage: "close the connection after `N` octets of the letter, or the answer"},
			&cli.StringSliceFlag{Name: "without", Usage: "do not offer the `KEYWORD` or capability; repeatable"},
			&cli.BoolFlag{Name: "clear", Usage: "remove all faults"},
			&cli.BoolFlag{Name: "list", Usage: "list the faults"},
			&cli.BoolFlag{Name: "json", Usage: "with --list an object a fault"},
			controlFlag(),
		},
		Action: func(c *cli.Context) error { return runSandboxFail(c, e) },
	}
}

func runSandboxFail(c *cli.Context, e *env) error {
	sb, err := sandboxClient(c, e)
	if err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	switch {
	case c.Bool("clear"):
		return sb.ClearFaults(c.Context)
	case c.Bool("list"):
		return listFaults(c, e, sb)
	}
	fault, err := sandboxFault(c)
	if err != nil {
		return err
	}
	return sb.Fail(c.Context, fault)
}

// sandboxFault reads the flags. A letter is cut at its body, and keywords are left out at EHLO: no --stage is needed.
func sandboxFault(c *cli.Context) (sandbox.Fault, error) {
	f := sandbox.Fault{
		Protocol: c.String("protocol"), Stage: c.String("stage"), Match: c.String("match"), Times: c.Int("times"),
		Drop: c.Bool("drop"), Stall: c.Bool("stall"), CutAfter: c.Int64("cut-after"), Without: c.StringSlice("without"),
		Delay: sandbox.Duration(limitOf(c, "delay")), Drip: sandbox.Duration(limitOf(c, "drip")),
	}
	var err error
	if f.Reply, err = unescape(c.String("reply")); err != nil {
		return f, usageError("--reply: %w", err)
	}
	switch {
	case f.Stage != "":
	case f.CutAfter > 0 && f.Protocol == "smtp":
		f.Stage = "body"
	case len(f.Without) > 0:
		f.Stage = map[string]string{"smtp": "ehlo", "pop3": "capa", "imap": "capability"}[f.Protocol]
	default:
		return f, usageError("sandbox fail: needs --stage (%s)", strings.Join(sandbox.Stages(f.Protocol), ", "))
	}
	return f, nil
}

// unescape reads \r, \n, \t, \\ and \xNN, so that a reply of many lines, or of garbage, can be typed.
func unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	return strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
}

// listFaults writes a line for each fault: protocol, stage, match, how often it struck and may, what it does.
func listFaults(c *cli.Context, e *env, sb *sandbox.Client) error {
	faults, err := sb.Faults(c.Context)
	if err != nil {
		return err
	}
	for _, f := range faults {
		if c.Bool("json") {
			err = e.out.JSON(f)
		} else {
			times := "*"
			if f.Times > 0 {
				times = strconv.Itoa(f.Times)
			}
			err = e.out.Line(f.Protocol, f.Stage, firstOf(f.Match, "*"), strconv.Itoa(f.Struck)+"/"+times, faultActions(f))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// faultActions is what a fault does, as the flags say it.
func faultActions(f sandbox.Fault) string {
	var words []string
	add := func(is bool, word string) {
		if is {
			words = append(words, word)
		}
	}
	add(f.Delay > 0, "delay "+time.Duration(f.Delay).String())
	add(f.Drip > 0, "drip "+time.Duration(f.Drip).String())
	add(f.Drop, "drop")
	add(f.Stall, "stall")
	add(f.CutAfter > 0, "cut-after "+strconv.FormatInt(f.CutAfter, 10))
	add(len(f.Without) > 0, "without "+strings.Join(f.Without, " "))
	add(f.Reply != "", "reply "+f.Reply)
	return strings.Join(words, ", ")
}
