package main

import (
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
)

// mimeSetOptions are the flags of posta mime set.
type mimeSetOptions struct {
	set, add []mimetool.DraftField
	part     string
	content  string
}

func newMimeSetCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "set",
		Usage:     "change header fields or a part's content; every other octet stays",
		ArgsUsage: "[MSG...]",
		Flags: append(editFlags(),
			&cli.StringSliceFlag{Name: "header", Aliases: []string{"H"}, Usage: "header field `'NAME: VALUE'`, in the place of those of the name"},
			&cli.StringSliceFlag{Name: "add", Usage: "header field `'NAME: VALUE'` beside those that there are"},
			&cli.StringFlag{Name: "part", Usage: "of part `N`, not of the message"},
			&cli.StringFlag{Name: "content", Usage: "the content of `FILE` in the place of the part's, in the same encoding"},
		),
		Action: func(c *cli.Context) error { return runMimeSet(c, e) },
	}
}

func runMimeSet(c *cli.Context, e *env) error {
	o := &mimeSetOptions{part: strings.ToUpper(c.String("part")), content: c.String("content")}
	for flag, list := range map[string]*[]mimetool.DraftField{"header": &o.set, "add": &o.add} {
		for _, text := range c.StringSlice(flag) {
			f, err := packField(text)
			if err != nil {
				return err
			}
			*list = append(*list, f)
		}
	}
	if len(o.set)+len(o.add) == 0 && o.content == "" {
		return usageError("mime set: what is to be changed? -H 'Name: value', --add or --content FILE")
	}
	return editMessages(c, e, o.edits)
}

// edits are those that the flags ask for.
func (o *mimeSetOptions) edits(r *rereader, limits mimetool.Limits) ([]mimetool.Edit, error) {
	var edits []mimetool.Edit
	found := false
	w := mimetool.NewWalker(r, limits)
	var replaced *mimetool.Part
	for {
		p, err := w.Next()
		if replaced != nil {
			for _, x := range w.Closed() {
				if x.Part == replaced.Index {
					return append(edits, replaced.ReplaceContent(x, replaced.Parent >= 0, o.newContent)), nil
				}
			}
		}
		if err == io.EOF {
			break
		}
		if err == nil {
			err = w.Err() // a header beyond the limit: its end is not known
		}
		if err != nil {
			return nil, err
		}
		if found || o.part != "" && p.Number != o.part {
			continue
		}
		found = true
		if p.Encoded > 0 {
			return nil, fail(exitDataErr, "part %s: %w", p.Number, errInsideEncoded)
		}
		if edits, err = o.headerEdits(p); err != nil {
			return nil, err
		}
		if o.content == "" {
			return edits, nil
		}
		if p.IsContainer() {
			return nil, fail(exitDataErr, "part %s holds other parts: it has no content of its own", p.Number)
		}
		kept := *p
		kept.Header = p.Header.Clone()
		replaced = &kept
	}
	if !found {
		return nil, fail(exitNegative, "the message has no part %s", o.part)
	}
	return edits, nil
}

func (o *mimeSetOptions) headerEdits(p *mimetool.Part) ([]mimetool.Edit, error) {
	edits, err := p.SetFields(o.set)
	if err != nil || len(o.add) == 0 {
		return edits, err
	}
	added, err := p.AddFields(o.add)
	return append(edits, added...), err
}

func (o *mimeSetOptions) newContent(w io.Writer) error {
	f, err := openFile(o.content)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
