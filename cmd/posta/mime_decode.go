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
			&cli.BoolFlag{Name: "json", Usage: "an object a line or parameter; of a file one, with its content as base64"},
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
	d := &decoding{env: e, json: c.Bool("json"), words: mimetool.WordOptions{Charset: c.String("charset")}}
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

// decodedText is what --json prints of a line or a parameter.
type decodedText struct {
	Name     string            `json:"name,omitempty"`
	Value    string            `json:"value"`
	Charset  string            `json:"charset,omitempty"` // that a parameter declares
	Language string            `json:"language,omitempty"`
	Defects  []mimetool.Defect `json:"defects,omitempty"`
}

// decodedFile is what --json prints of a file, after its content.
type decodedFile struct {
	Name      string            `json:"name,omitempty"`
	Size      int64             `json:"size"`
	Truncated bool              `json:"truncated,omitempty"`
	Defects   []mimetool.Defect `json:"defects,omitempty"`
}

// decoding decodes and says what was wrong on the way.
type decoding struct {
	env      *env
	json     bool
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
	if d.json {
		return d.env.out.JSON(&decodedText{Value: text, Defects: defects})
	}
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
		if err := d.param(p, len(params) == 1 && p.Name == "value", defects); err != nil {
			return err
		}
	}
	return nil
}

// param prints a parameter, or its value alone.
func (d *decoding) param(p mimetool.Param, alone bool, defects []mimetool.Defect) error {
	switch {
	case d.json && alone:
		p.Name = ""
		fallthrough
	case d.json:
		return d.env.out.JSON(&decodedText{p.Name, p.Value, p.Charset, p.Language, defects})
	case alone:
		return d.env.out.Line(p.Value)
	}
	return d.env.out.Line(p.Name, p.Value)
}

func (d *decoding) mailbox(line string) error {
	name, err := mimetool.DecodeIMAPUTF7(line)
	if err != nil {
		return fail(exitDataErr, "%w", err)
	}
	if d.json {
		return d.env.out.JSON(&decodedText{Value: name})
	}
	return d.env.out.Line(name)
}

func (d *decoding) content(codec string, in io.Reader) error {
	dec := mimetool.NewDecoder(codec, in)
	if dec == nil {
		return usageError("mime decode: no encoding %q: %s", codec, mimeCodecs)
	}
	if d.json {
		return d.object(codec, dec)
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

// object prints what dec gives as an object.
func (d *decoding) object(codec string, dec mimetool.Decoder) error {
	w, err := d.env.out.object(struct {
		Encoding string `json:"encoding"`
	}{codec})
	if err != nil {
		return err
	}
	var f decodedFile
	f.Size, err = w.content("content", dec)
	if named, ok := dec.(mimetool.NamedDecoder); ok {
		f.Name = named.Name()
	}
	f.Truncated, f.Defects = err != nil, dec.Defects()
	d.note(f.Defects)
	w.fields(&f)
	if endErr := w.end(); endErr != nil {
		return endErr
	}
	return err
}
