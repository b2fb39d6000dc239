package main

import (
	"io"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

// mimePartOptions are the flags of posta mime part.
type mimePartOptions struct {
	numbers []string
	raw     bool
	header  bool
	utf8    bool
	json    bool
}

func newMimePartCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "part",
		Usage:     "print parts by number, as mime tree counts them",
		ArgsUsage: "N[.M]... [MSG...]",
		Flags: append(mimeInputFlags(),
			&cli.BoolFlag{Name: "raw", Usage: "as it stands in the message, transfer encoding and all"},
			&cli.BoolFlag{Name: "header", Usage: "its header instead, as it stands"},
			&cli.BoolFlag{Name: "utf8", Usage: "texts as UTF-8"},
			&cli.BoolFlag{Name: "json", Usage: "an object a part, with its content as base64"},
		),
		Action: func(c *cli.Context) error { return runMimePart(c, e) },
	}
}

func runMimePart(c *cli.Context, e *env) error {
	o := &mimePartOptions{raw: c.Bool("raw"), header: c.Bool("header"), utf8: c.Bool("utf8"), json: c.Bool("json")}
	number := regexp.MustCompile(`^(?i:TEXT|[1-9][0-9]*(\.[1-9][0-9]*)*(\.TEXT)?)$`)
	var files []string
	for _, arg := range c.Args().Slice() {
		if number.MatchString(arg) {
			o.numbers = append(o.numbers, strings.ToUpper(arg))
		} else {
			files = append(files, arg)
		}
	}
	if len(o.numbers) == 0 {
		return usageError("mime part needs the numbers of parts, as mime tree shows them: 1, 2.1, TEXT")
	}
	in, err := newMimeInput(c, e, files)
	if err != nil {
		return err
	}
	in.asks = true
	return eachInTurn(c.Context, e, in, &partJob{opt: o, walker: mimetool.NewWalker(strings.NewReader(""), in.limits)})
}

// partJob prints parts of one message after the other.
type partJob struct {
	opt    *mimePartOptions
	place  *imapPlace // of a message that is on a server
	walker *mimetool.Walker
}

// message prints the parts in the order in which they were asked for. Each is looked for from the message's start.
func (j *partJob) message(m *stream.Message, out *output) (negative bool, err error) {
	var r io.Reader = m
	if len(j.opt.numbers) > 1 {
		again, err := newRereader(m)
		if err != nil {
			return false, err
		}
		defer again.Close()
		r = again
	}
	for _, number := range j.opt.numbers {
		if again, ok := r.(*rereader); ok {
			if err := again.rewind(); err != nil {
				return false, err
			}
		}
		found, err := j.part(m, r, number, out)
		if err != nil {
			return false, err
		}
		negative = negative || !found
	}
	return negative, nil
}

func (j *partJob) part(m *stream.Message, r io.Reader, number string, out *output) (found bool, err error) {
	j.walker.Reset(r)
	for p, err := range j.walker.Parts() {
		if err != nil {
			return false, err
		}
		if p.Number != number {
			continue
		}
		if j.opt.json {
			err = j.object(m, p, out)
		} else {
			err = j.print(p, out)
		}
		if err == nil {
			err = j.walker.Err() // a header beyond the limit
		}
		return true, err
	}
	return false, nil
}

func (j *partJob) print(p *mimetool.Part, out *output) error {
	switch {
	case j.opt.header:
		for _, f := range p.Header {
			if _, err := out.Write(f.Raw); err != nil {
				return err
			}
		}
		return nil
	case j.opt.raw:
		_, err := io.Copy(out, p.Raw())
		return err
	}
	body := p.Decoded()
	if j.isText(p) {
		text, err := utf8Text(p)
		if err != nil {
			return err
		}
		body = text
	}
	_, err := io.Copy(out, body)
	return err
}

// isText says whether the part is wanted as UTF-8.
func (j *partJob) isText(p *mimetool.Part) bool {
	return j.opt.utf8 && !j.opt.raw && strings.HasPrefix(p.Type, "text/")
}

// utf8Text reads a text as UTF-8.
func utf8Text(p *mimetool.Part) (io.Reader, error) {
	charset := p.Charset()
	if charset == "" {
		charset = "utf-8"
	}
	text, err := mimetool.NewCharsetReader(charset, p.Decoded())
	if err != nil {
		return nil, fail(exitDataErr, "part %s: %w", p.Number, err)
	}
	return text, nil
}
