package main

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

// mimeHeaderOptions are the flags of posta mime header.
type mimeHeaderOptions struct {
	names  []string
	decode bool
	addr   bool
	first  bool
	label  bool
	json   bool
	words  mimetool.WordOptions
}

func newMimeHeaderCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "header",
		Usage:     "print header fields, one line a value",
		ArgsUsage: "NAME...",
		Flags: append(mimeInputFlags(),
			&cli.BoolFlag{Name: "d", Usage: "decode encoded words, charsets and, with --addr, names"},
			&cli.BoolFlag{Name: "addr", Usage: "the addresses in the fields alone, one a line"},
			&cli.BoolFlag{Name: "first", Usage: "the first field of each name alone"},
			&cli.BoolFlag{Name: "label", Usage: "the file's name and the field's before each value"},
			&cli.StringFlag{Name: "charset", Usage: "of octets that are not UTF-8, instead of finding it out"},
			&cli.StringSliceFlag{Name: "file", Aliases: []string{"f"}, Usage: "read `FILE` instead of standard input; may be repeated"},
			&cli.BoolFlag{Name: "json", Usage: "an object a message"},
		),
		Action: func(c *cli.Context) error { return runMimeHeader(c, e) },
	}
}

func runMimeHeader(c *cli.Context, e *env) error {
	o := &mimeHeaderOptions{
		names: c.Args().Slice(), decode: c.Bool("d"), addr: c.Bool("addr"), first: c.Bool("first"), label: c.Bool("label"), json: c.Bool("json"),
		words: mimetool.WordOptions{Override: c.String("charset")},
	}
	if len(o.names) == 0 {
		return usageError("mime header needs the names of fields; messages are read from standard input or with -f FILE")
	}
	in, err := newMimeInput(c, e, c.StringSlice("file"))
	if err != nil {
		return err
	}
	in.asks = true
	return eachMessage(c.Context, e, in, func() messageJob {
		return &headerJob{opt: o, walker: mimetool.NewWalker(strings.NewReader(""), in.limits)}
	})
}

// headerJob prints fields of one message after the other. It reads no further than a message's header.
type headerJob struct {
	opt    *mimeHeaderOptions
	walker *mimetool.Walker
	label  string
	found  bool
	object *headerObject // of --json
}

// headerObject is what --json prints of a message.
type headerObject struct {
	File    string        `json:"file,omitempty"`
	Message int           `json:"message"`
	Fields  []headerField `json:"fields"`
}

type headerField struct {
	Name      string             `json:"name"`
	Value     string             `json:"value,omitempty"`
	Addresses []mimetool.Address `json:"addresses,omitempty"`
}

func (j *headerJob) message(m *stream.Message, out *output) (negative bool, err error) {
	j.walker.Reset(m)
	p, err := j.walker.Next()
	if err == io.EOF {
		return true, nil // an empty message
	}
	if err != nil {
		return false, err
	}
	j.found, j.object, j.label = false, nil, m.Name
	if j.opt.json {
		j.object = &headerObject{File: m.Name, Message: m.Index, Fields: []headerField{}}
	}
	for _, name := range j.opt.names {
		if err := j.fields(p, name, out); err != nil {
			return false, err
		}
	}
	if j.object != nil {
		if err := out.JSON(j.object); err != nil {
			return false, err
		}
	}
	return !j.found, j.walker.Err() // a header beyond the limit: what there was of it is printed
}

// fields prints those of a name.
func (j *headerJob) fields(p *mimetool.Part, name string, out *output) error {
	for i := range p.Header {
		f := &p.Header[i]
		if !f.Is(name) {
			continue
		}
		j.found = true
		if err := j.field(p, f, out); err != nil || j.opt.first {
			return err
		}
	}
	return nil
}

func (j *headerJob) field(p *mimetool.Part, f *mimetool.Field, out *output) error {
	if j.opt.addr {
		list, _ := mimetool.ParseAddressList(string(f.Body()), j.wordOptions(p, f))
		if j.object != nil {
			j.object.Fields = append(j.object.Fields, headerField{Name: f.Name, Addresses: list})
			return nil
		}
		return j.addresses(f, list, out)
	}
	var value string
	if j.opt.decode || j.object != nil {
		value, _ = mimetool.DecodeField(*f, j.wordOptions(p, f))
	} else {
		value = f.Value()
	}
	if j.object != nil {
		j.object.Fields = append(j.object.Fields, headerField{Name: f.Name, Value: value})
		return nil
	}
	return j.line(f, value, out)
}

// addresses prints each address, with its name where it is to be decoded.
func (j *headerJob) addresses(f *mimetool.Field, list []mimetool.Address, out *output) error {
	for _, a := range list {
		text := a.Addr
		if j.opt.decode && a.Addr != "" {
			text = a.String()
		}
		if text == "" {
			continue // a group without members
		}
		if err := j.line(f, text, out); err != nil {
			return err
		}
	}
	return nil
}

func (j *headerJob) line(f *mimetool.Field, value string, out *output) error {
	switch {
	case j.opt.label:
		return out.Line(j.label, f.Name, value)
	case len(j.opt.names) > 1:
		return out.Line(f.Name, value)
	}
	return out.Line(value)
}

// wordOptions takes the message's charset for octets that are not UTF-8, where there are any.
func (j *headerJob) wordOptions(p *mimetool.Part, f *mimetool.Field) mimetool.WordOptions {
	opt := j.opt.words
	if opt.Override == "" && !utf8.Valid(f.Raw) {
		opt.Charset = p.Charset()
	}
	return opt
}
