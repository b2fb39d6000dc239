package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
)

// mimePackOptions are the flags of posta mime pack.
type mimePackOptions struct {
	subject     string
	fields      []mimetool.DraftField
	attach      []string
	inline      []string
	forward     []string
	html        string
	multipart   string
	encoding    string
	charset     string
	disposition string
	description string
	boundary    string
	date        time.Time
	crlf        bool
}

func newMimePackCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "pack",
		Usage:     "make a message of text on standard input and of files",
		ArgsUsage: "[TEXTFILE]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "subject", Aliases: []string{"s"}, Usage: "the message's subject"},
			&cli.StringSliceFlag{Name: "header", Aliases: []string{"H"}, Usage: "header field `'NAME: VALUE'`"},
			&cli.StringSliceFlag{Name: "attach", Aliases: []string{"A"}, Usage: "attach `FILE[:TYPE]`; -:NAME is standard input"},
			&cli.StringSliceFlag{Name: "inline", Usage: "image or other `FILE[:TYPE]` that the HTML shows by cid:FILE"},
			&cli.StringSliceFlag{Name: "forward", Usage: "attach the message in `FILE`, as message/rfc822"},
			&cli.StringFlag{Name: "html", Usage: "HTML `FILE` beside the text"},
			&cli.StringFlag{Name: "type", Usage: "the outermost multipart is `multipart/SUBTYPE`"},
			&cli.StringFlag{Name: "encoding", Aliases: []string{"e"}, Usage: "of the text and of what is attached: base64, qp, 8bit, 7bit or uu"},
			&cli.StringFlag{Name: "charset", Usage: "of the text and the HTML, instead of finding it out"},
			&cli.StringFlag{Name: "disposition", Usage: "of what is attached: attachment or inline"},
			&cli.StringFlag{Name: "description", Usage: "of what is attached"},
			&cli.StringFlag{Name: "boundary", Usage: "instead of a random one"},
			&cli.StringFlag{Name: "date", Usage: "the message's, as in a header or RFC 3339, or none; without it now"},
			&cli.BoolFlag{Name: "crlf", Usage: "end lines in CR LF"},
		},
		Action: func(c *cli.Context) error { return runMimePack(c, e) },
	}
}

func runMimePack(c *cli.Context, e *env) error {
	o, err := readMimePackOptions(c, e)
	if err != nil {
		return err
	}
	p := &packing{ctx: c.Context, env: e, opt: o}
	defer p.close()
	d, err := p.draft(c.Args().Slice())
	if err != nil {
		return err
	}
	w, err := e.out.bulk(e)
	if err != nil {
		return err
	}
	_, err = d.WriteTo(watchedWriter{c.Context, w})
	if closeErr := w.Close(); closeErr != nil {
		return closeErr
	}
	return err
}

func readMimePackOptions(c *cli.Context, e *env) (*mimePackOptions, error) {
	o := &mimePackOptions{
		subject: c.String("subject"), attach: c.StringSlice("attach"), inline: c.StringSlice("inline"), forward: c.StringSlice("forward"),
		html: c.String("html"), multipart: c.String("type"), encoding: c.String("encoding"), charset: c.String("charset"),
		disposition: c.String("disposition"), description: c.String("description"), boundary: c.String("boundary"), crlf: c.Bool("crlf"),
	}
	if o.encoding != "" && mimetool.EncodingName(o.encoding) == "" {
		return nil, usageError("mime pack: no encoding %q: base64, qp, 8bit, 7bit or uu", o.encoding)
	}
	if o.multipart != "" && !strings.HasPrefix(o.multipart, "multipart/") {
		return nil, usageError("mime pack: --type is a multipart's, such as multipart/mixed")
	}
	var err error
	if o.date, err = packDate(c.String("date"), e.now()); err != nil {
		return nil, err
	}
	for _, h := range c.StringSlice("header") {
		f, err := packField(h)
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(f.Name, "Date") && !c.IsSet("date") {
			o.date = time.Time{} // -H wins
		}
		o.fields = append(o.fields, f)
	}
	return o, nil
}

// packField reads the value of -H.
func packField(text string) (mimetool.DraftField, error) {
	name, value, ok := strings.Cut(text, ":")
	f := mimetool.DraftField{Name: name, Value: strings.TrimLeft(value, " \t")}
	if !ok {
		return f, usageError("-H %q: a header field is 'Name: value'", text)
	}
	if _, err := mimetool.EncodeField(f.Name, f.Value, "\n"); err != nil {
		return f, usageError("-H %q: %v", text, errors.Unwrap(err))
	}
	return f, nil
}

func packDate(text string, now time.Time) (time.Time, error) {
	switch text {
	case "":
		return now, nil
	case "none":
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	t, err := mimetool.ParseDate(text)
	if err != nil {
		return t, usageError("--date: %v", err)
	}
	return t, nil
}

// packing makes the draft of a posta mime pack.
type packing struct {
	ctx  context.Context
	env  *env
	opt  *mimePackOptions
	used bool // standard input
	open []io.Closer
}

func (p *packing) close() {
	for _, f := range p.open {
		f.Close()
	}
}

func (p *packing) draft(args []string) (*mimetool.Draft, error) {
	o := p.opt
	d := &mimetool.Draft{
		Subject: o.subject, Date: o.date, Fields: o.fields, Charset: o.charset, Encoding: o.encoding, Type: o.multipart, Boundary: o.boundary,
		LineEnd: "\n",
	}
	if o.crlf {
		d.LineEnd = "\r\n"
	}
	if len(args) > 1 {
		return nil, usageError("mime pack: one file of text; others are attached with -A")
	}
	if err := p.attachAll(d); err != nil {
		return nil, err
	}
	if o.html != "" {
		r, err := p.input(o.html)
		if err != nil {
			return nil, err
		}
		d.HTML = r
	}
	return d, p.text(d, args)
}

// text takes the text of the file that is named, or of standard input where nothing else did. Text that is empty is
// left out beside other parts.
func (p *packing) text(d *mimetool.Draft, args []string) error {
	name := "-"
	if len(args) == 1 {
		name = args[0]
	} else if p.used {
		return nil
	}
	r, err := p.input(name)
	if err != nil {
		return err
	}
	r, empty, err := peekEmpty(r)
	if err != nil {
		return err
	}
	if !empty || d.HTML == nil && len(d.Attachments) == 0 {
		d.Text = r
	}
	return nil
}

// peekEmpty says whether r is at its end, and gives a reader of all of it: r itself where that can go back.
func peekEmpty(r io.Reader) (io.Reader, bool, error) {
	var b [1]byte
	n, err := io.ReadFull(r, b[:])
	if err == io.EOF {
		return r, true, nil
	}
	if err != nil {
		return r, false, err
	}
	if s, ok := r.(io.Seeker); ok {
		if _, err := s.Seek(int64(-n), io.SeekCurrent); err == nil {
			return r, false, nil
		}
	}
	return io.MultiReader(strings.NewReader(string(b[:n])), r), false, nil
}

// input opens what is read as text: a file, or standard input, once.
func (p *packing) input(name string) (io.Reader, error) {
	if name == "-" {
		if p.used {
			return nil, usageError("mime pack: standard input can be used once")
		}
		p.used = true
		return standardInput(p.ctx, p.env), nil
	}
	f, err := openFile(name)
	if err != nil {
		return nil, err
	}
	p.open = append(p.open, f)
	return f, nil
}

func (p *packing) attachAll(d *mimetool.Draft) error {
	for _, text := range p.opt.inline {
		a, err := p.attachment(text)
		if err != nil {
			return err
		}
		a.Disposition, a.ContentID = "inline", cidOf(a.Name)
		d.Attachments = append(d.Attachments, a)
	}
	for _, text := range p.opt.attach {
		a, err := p.attachment(text)
		if err != nil {
			return err
		}
		a.Disposition, a.Encoding = p.opt.disposition, p.opt.encoding
		d.Attachments = append(d.Attachments, a)
	}
	for _, name := range p.opt.forward {
		a, err := p.attachment(name)
		if err != nil {
			return err
		}
		a.Type, a.Disposition = "message/rfc822", p.opt.disposition
		d.Attachments = append(d.Attachments, a)
	}
	return nil
}

// cidOf is the Content-ID that a page shows an inline file by: src="cid:NAME". RFC 2392 §2 asks for an addr-spec; a name
// alone is what people write into their pages.
func cidOf(name string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == '<' || r == '>' || r >= 0x7f {
			return '_'
		}
		return r
	}, name)
}

// attachment reads FILE, FILE:TYPE, -:NAME or -:NAME:TYPE.
func (p *packing) attachment(text string) (mimetool.Attachment, error) {
	path, mediaType := cutType(text)
	a := mimetool.Attachment{Type: mediaType, Description: p.opt.description}
	if name, ok := strings.CutPrefix(path, "-:"); ok || path == "-" {
		if path == "-" {
			name = ""
		}
		r, err := p.input("-")
		a.Name, a.Open = name, func() (io.ReadCloser, error) { return io.NopCloser(r), nil }
		return a, err
	}
	if info, err := os.Stat(path); err != nil {
		return a, err // before a byte goes out
	} else if info.IsDir() {
		return a, fail(exitNoInput, "%s is a directory", path)
	}
	a.Name, a.Open = filepath.Base(path), func() (io.ReadCloser, error) { return openFile(path) }
	return a, nil
}
