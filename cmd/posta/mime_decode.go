package main

import (
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
)

func newMimeDecodeCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "decode",
		Usage:     "decode standard input: " + mimeCodecs,
		ArgsUsage: "ENCODING [FILE]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "charset", Usage: "of octets that are not UTF-8 in rfc2047 and rfc2231"},
			&cli.BoolFlag{Name: "strict", Usage: "exit 65 where something had to be repaired"},
		},
		Action: func(c *cli.Context) error { return runMimeDecode(c, e) },
	}
}

func runMimeDecode(c *cli.Context, e *env) error {
	codec, in, err := codecInput(c, e)
	if err != nil {
		return err
	}
	defer in.Close()
	d := &decoding{env: e, words: mimetool.WordOptions{Charset: c.String("charset")}}
	switch codec {
	case "rfc2047":
		err = eachLine(in, d.words2047)
	case "rfc2231":
		err = eachLine(in, d.params2231)
	case "utf7imap":
		err = eachLine(in, d.mailbox)
	default:
		err = d.content(codec, in)
	}
	if err == nil && d.repaired && c.Bool("strict") {
		return silent(exitDataErr)
	}
	return err
}

// decoding decodes and says what was wrong on the way.
type decoding struct {
	env      *env
	words    mimetool.WordOptions
	repaired bool
}

func (d *decoding) note(list []mimetool.Defect) {
	for _, defect := range list {
		d.repaired = true
		d.env.warn("%s", defect)
	}
}

func (d *decoding) words2047(line string) error {
	text, defects := mimetool.DecodeWords(line, d.words)
	d.note(defects)
	return d.env.out.Line(text)
}

// params2231 reads parameters, or a value alone.
func (d *decoding) params2231(line string) error {
	if !strings.Contains(line, "=") {
		line = "value*=" + line
	}
	_, params, defects := mimetool.ParseParams("x; "+line, d.words)
	d.note(defects)
	for _, p := range params {
		fields := []string{p.Name, p.Value}
		if len(params) == 1 && p.Name == "value" {
			fields = fields[1:]
		}
		if err := d.env.out.Line(fields...); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoding) mailbox(line string) error {
	name, err := mimetool.DecodeIMAPUTF7(line)
	if err != nil {
		return fail(exitDataErr, "%w", err)
	}
	return d.env.out.Line(name)
}

func (d *decoding) content(codec string, in io.Reader) error {
	dec := mimetool.NewDecoder(codec, in)
	if dec == nil {
		return usageError("mime decode: no encoding %q: %s", codec, mimeCodecs)
	}
	w, err := d.env.out.bulk(d.env)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{dec}, make([]byte, 64<<10))
	if closeErr := w.Close(); closeErr != nil {
		return closeErr
	}
	d.note(dec.Defects())
	return err
}
