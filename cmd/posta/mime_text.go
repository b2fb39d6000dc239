package main

import (
	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

func newMimeTextCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "text",
		Usage:     "print what there is to read in messages, as UTF-8",
		ArgsUsage: "[MSG...]",
		Flags: append(mimeInputFlags(),
			&cli.StringFlag{Name: "charset", Usage: "of the texts, instead of what is declared or found out"},
			&cli.BoolFlag{Name: "json", Usage: "an object a message"},
		),
		Action: func(c *cli.Context) error { return runMimeText(c, e) },
	}
}

func runMimeText(c *cli.Context, e *env) error {
	in, err := newMimeInput(c, e, c.Args().Slice())
	if err != nil {
		return err
	}
	return eachInTurn(c.Context, e, in, &textJob{opt: mimetool.TextOptions{Charset: c.String("charset"), Limits: in.limits}, json: c.Bool("json")})
}

// textJob prints the text of one message after the other.
type textJob struct {
	opt  mimetool.TextOptions
	json bool
}

// messageText is what --json prints of a message.
type messageText struct {
	File      string            `json:"file,omitempty"`
	Message   int               `json:"message"`
	Text      string            `json:"text"`
	Truncated bool              `json:"truncated,omitempty"`
	Defects   []mimetool.Defect `json:"defects,omitempty"`
}

func (j *textJob) message(m *stream.Message, out *output) (negative bool, err error) {
	if j.json {
		o := messageText{File: m.Name, Message: m.Index}
		o.Text, o.Truncated, o.Defects, err = textOf(m, j.opt)
		if writeErr := out.JSON(&o); writeErr != nil {
			return false, writeErr
		}
		return false, err
	}
	_, err = mimetool.Text(out, m, j.opt)
	return false, err
}
