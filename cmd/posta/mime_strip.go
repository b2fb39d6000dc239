package main

import (
	"io"
	"path"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
)

// mimeStripOptions are the flags of posta mime strip.
type mimeStripOptions struct {
	fields      []string
	parts       []string
	attachments bool
	match       []string
}

func newMimeStripCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "strip",
		Usage:     "take header fields, parts or attachments out; every other octet stays",
		ArgsUsage: "[MSG...]",
		Flags: append(editFlags(),
			&cli.StringSliceFlag{Name: "header", Aliases: []string{"H"}, Usage: "all fields of `NAME`; may be repeated"},
			&cli.StringSliceFlag{Name: "part", Usage: "part `N`; may be repeated"},
			&cli.BoolFlag{Name: "attachments", Usage: "all attachments and what has a name"},
			&cli.StringSliceFlag{Name: "match", Usage: "attachments with a type or a name like `PATTERN`; may be repeated"},
		),
		Action: func(c *cli.Context) error { return runMimeStrip(c, e) },
	}
}

func runMimeStrip(c *cli.Context, e *env) error {
	o := &mimeStripOptions{fields: c.StringSlice("header"), attachments: c.Bool("attachments"), match: c.StringSlice("match")}
	for _, n := range c.StringSlice("part") {
		o.parts = append(o.parts, strings.ToUpper(n))
	}
	for _, p := range o.match {
		if _, err := path.Match(p, ""); err != nil {
			return usageError("mime strip: --match %q is not a pattern", p)
		}
	}
	if len(o.fields)+len(o.parts)+len(o.match) == 0 && !o.attachments {
		return usageError("mime strip: what is to go? --header NAME, --part N, --attachments or --match PATTERN")
	}
	return editMessages(c, e, o.edits)
}

// strippedPart is a part that goes.
type strippedPart struct {
	number string
	mimetool.Place
}

// edits are those that take out what the flags name.
func (o *mimeStripOptions) edits(r *rereader, limits mimetool.Limits) ([]mimetool.Edit, error) {
	edits, parts, err := o.find(r, limits)
	if err != nil {
		return nil, err
	}
	for _, n := range o.parts {
		if !slices.ContainsFunc(parts, func(p strippedPart) bool { return p.number == n }) {
			return nil, fail(exitNegative, "the message has no part %s", n)
		}
	}
	for _, p := range parts {
		edit, err := mimetool.RemovePart(r, r.start, p.Place)
		if err != nil {
			return nil, fail(exitDataErr, "part %s: %w", p.number, err)
		}
		edits = append(edits, edit)
	}
	return edits, nil
}

// find walks the message for the fields and the parts.
func (o *mimeStripOptions) find(r io.Reader, limits mimetool.Limits) (edits []mimetool.Edit, parts []strippedPart, err error) {
	w := mimetool.NewWalker(r, limits)
	open := map[int]*strippedPart{} // by Index, until they end
	multipart := map[int]bool{}
	for {
		p, err := w.Next()
		for _, x := range w.Closed() {
			if s := open[x.Part]; s != nil {
				s.Extent = x
				parts = append(parts, *s)
				delete(open, x.Part)
			}
		}
		if err == io.EOF {
			return edits, parts, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if p.Parent < 0 {
			edits = p.RemoveFields(o.fields)
		}
		multipart[p.Index] = p.IsMultipart()
		if !o.wants(p) {
			continue
		}
		if err := removable(p, multipart); err != nil {
			return nil, nil, err
		}
		open[p.Index] = &strippedPart{p.Number, mimetool.Place{HeaderStart: p.HeaderStart}}
	}
}

func removable(p *mimetool.Part, multipart map[int]bool) error {
	switch {
	case p.Encoded > 0:
		return fail(exitDataErr, "part %s: %w", p.Number, errInsideEncoded)
	case !multipart[p.Parent]:
		return fail(exitDataErr, "part %s is all of its message, not a part of a multipart", p.Number)
	}
	return nil
}

// wants says whether a part is one of those that go.
func (o *mimeStripOptions) wants(p *mimetool.Part) bool {
	if slices.Contains(o.parts, p.Number) {
		return true
	}
	if !p.IsAttachment() || p.Parent < 0 {
		return false
	}
	return o.attachments || likeOneOf(o.match, p.Name(), p.Type)
}
