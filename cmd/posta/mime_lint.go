package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

func newMimeLintCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "lint",
		Usage:     "list what is wrong with messages, by the RFCs' sections; exit 1 where there is anything",
		ArgsUsage: "[MSG...]",
		Flags: append(mimeInputFlags(),
			&cli.BoolFlag{Name: "json", Usage: "an object a defect"},
			&cli.StringSliceFlag{Name: "ignore", Usage: "say nothing of defects named `NAME`; may be repeated"},
		),
		Action: func(c *cli.Context) error { return runMimeLint(c, e) },
	}
}

func runMimeLint(c *cli.Context, e *env) error {
	in, err := newMimeInput(c, e, c.Args().Slice())
	if err != nil {
		return err
	}
	ignore := map[string]bool{}
	for _, name := range c.StringSlice("ignore") {
		ignore[name] = true
	}
	found := &lintJob{many: in.many(), json: c.Bool("json"), ignore: ignore, limits: in.limits}
	if err := eachInTurn(c.Context, e, in, found); err != nil || !found.any {
		return err
	}
	return silent(exitNegative)
}

// lintJob prints the defects of one message after the other.
type lintJob struct {
	many, json bool
	ignore     map[string]bool
	limits     mimetool.Limits
	any        bool
}

// lintDefect is a line of --json.
type lintDefect struct {
	File    string `json:"file,omitempty"`
	Message int    `json:"message"`
	mimetool.Defect
}

func (j *lintJob) message(m *stream.Message, out *output) (negative bool, err error) {
	for d, err := range mimetool.Lint(m, j.limits) {
		if err != nil {
			return false, err
		}
		if j.ignore[d.Name] {
			continue
		}
		j.any = true
		if err := j.defect(m, d, out); err != nil {
			return false, err
		}
	}
	return false, nil
}

func (j *lintJob) defect(m *stream.Message, d mimetool.Defect, out *output) error {
	if j.json {
		return out.JSON(&lintDefect{m.Name, m.Index, d})
	}
	at := ""
	if d.Offset >= 0 {
		at = strconv.FormatInt(d.Offset, 10)
	}
	fields := []string{d.Name, d.Ref, d.Where, at}
	if j.many {
		name := m.Name
		if name == "" {
			name = "message " + strconv.Itoa(m.Index)
		}
		fields = append([]string{name}, fields...)
	}
	return out.Line(fields...)
}
