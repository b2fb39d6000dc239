package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
)

// mimeCodecs are what mime encode and mime decode know, beside the full names of RFC 2045.
const mimeCodecs = "base64, qp, uu, yenc, binhex, rfc2047, rfc2231, utf7imap"

func newMimeEncodeCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "encode",
		Usage:     "encode standard input: " + mimeCodecs,
		ArgsUsage: "ENCODING [FILE]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "text", Usage: "the input is text: its line ends are the encoding's"},
			&cli.StringFlag{Name: "name", Usage: "the file's name for uu, yenc and binhex; the parameter's for rfc2231"},
			&cli.BoolFlag{Name: "crlf", Usage: "end lines in CR LF"},
		},
		Action: func(c *cli.Context) error { return runMimeEncode(c, e) },
	}
}

func runMimeEncode(c *cli.Context, e *env) error {
	codec, in, err := codecInput(c, e)
	if err != nil {
		return err
	}
	defer in.Close()
	name := c.String("name")
	switch codec {
	case "rfc2047":
		return eachLine(in, func(s string) error { return e.out.Line(mimetool.EncodeWords(s)) })
	case "rfc2231":
		return eachLine(in, func(s string) error { return e.out.Line(encodedParam(name, s)) })
	case "utf7imap":
		return eachLine(in, func(s string) error { return e.out.Line(mimetool.EncodeIMAPUTF7(s)) })
	}
	opt := mimetool.EncodeOptions{Text: c.Bool("text"), Name: name, Size: sizeOf(in), LineEnd: "\n"}
	if c.Bool("crlf") {
		opt.LineEnd = "\r\n"
	}
	if name == "" && c.NArg() > 1 {
		opt.Name = filepath.Base(c.Args().Get(1))
	}
	w, err := e.out.bulk(e)
	if err != nil {
		return err
	}
	enc, err := mimetool.NewEncoder(w, codec, opt)
	if err != nil {
		return usageError("mime encode: no encoding %q: %s", codec, mimeCodecs)
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{enc}, struct{ io.Reader }{in}, make([]byte, 128<<10))
	if err == nil {
		err = enc.Close()
	}
	if closeErr := w.Close(); closeErr != nil {
		return closeErr
	}
	return err
}

// encodedParam is the value, or the parameter where it has a name, in the form of RFC 2231.
func encodedParam(name, value string) string {
	if name != "" {
		return strings.Join(mimetool.EncodeParam(name, value), "; ")
	}
	return mimetool.EncodeExtValue(value)
}

// codecInput reads the arguments: the codec's name, and the file where one is named.
func codecInput(c *cli.Context, e *env) (codec string, in io.ReadCloser, err error) {
	args := c.Args().Slice()
	if len(args) == 0 || len(args) > 2 {
		return "", nil, usageError("%s needs an encoding: %s; and at most one file", commandPath(c), mimeCodecs)
	}
	name := "-"
	if len(args) == 2 {
		name = args[1]
	}
	codec = strings.ToLower(args[0])
	if full := mimetool.EncodingName(codec); full != "" {
		codec = full
	}
	in, err = openInput(c.Context, e, name)
	return codec, in, err
}

// sizeOf is the size of a file that is read from its beginning, -1 where it is not known.
func sizeOf(r io.Reader) int64 {
	f, ok := r.(interface{ Stat() (os.FileInfo, error) })
	if !ok {
		return -1
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return -1
	}
	return info.Size()
}

// lineLimit bounds what is kept of one line.
const lineLimit = 16 << 20

// eachLine hands out the lines of r without their ends.
func eachLine(r io.Reader, do func(string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), lineLimit)
	for lines.Scan() {
		if err := do(lines.Text()); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fail(exitDataErr, "a line of more than %d octets", lineLimit)
	}
	return lines.Err()
}
