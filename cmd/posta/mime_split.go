package main

import (
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

func newMimeSplitCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "split",
		Usage:     "write the messages of a stream or a digest to files, or a message in fragments",
		ArgsUsage: "[MSG...]",
		Flags: append(mimeInputFlags(),
			&cli.StringFlag{Name: "dir", Aliases: []string{"d"}, Value: ".", Usage: "into `DIR`, which is made where it is missing"},
			&cli.BoolFlag{Name: "digest", Usage: "the messages within each message (multipart/digest and others)"},
			&cli.StringFlag{Name: "size", Usage: "fragments (message/partial) with contents of `SIZE` octets at most (with K, M or G)"},
			&cli.StringFlag{Name: "to", Usage: "as a stream on standard output instead: mboxrd, jsonl or tar"},
			&cli.BoolFlag{Name: "json", Usage: "an object a file that was written"},
		),
		Action: func(c *cli.Context) error { return runMimeSplit(c, e) },
	}
}

func runMimeSplit(c *cli.Context, e *env) error {
	in, err := newMimeInput(c, e, c.Args().Slice())
	if err != nil {
		return err
	}
	size, err := parseOctets(c.String("size"))
	switch {
	case err != nil:
		return usageError("mime split: --size: %v", err)
	case size == 0 && !c.Bool("digest") && in.format == "":
		return usageError("mime split: --stream FORMAT, --digest or --size SIZE says what is to be split")
	case size > 0 && c.Bool("digest"):
		return usageError("mime split: --digest and --size exclude each other")
	case c.Bool("json") && c.String("to") != "":
		return usageError("mime split: --json is about files; --to jsonl is a stream of objects")
	}
	to, err := newMessageSink(c, e)
	if err != nil {
		return err
	}
	in.asks = c.Bool("digest")
	j := &splitJob{limits: in.limits, size: size, digest: c.Bool("digest"), to: to, now: e.now}
	j.files, _ = to.(*fileSink)
	err = eachInTurn(c.Context, e, in, j)
	if closeErr := to.Close(); err == nil {
		err = closeErr
	}
	return err
}

// splitJob splits one message after the other.
type splitJob struct {
	limits mimetool.Limits
	size   int64
	digest bool
	to     messageSink
	files  *fileSink // to, where that is one
	now    func() time.Time
	n      int // written
}

func (j *splitJob) message(m *stream.Message, _ *output) (negative bool, err error) {
	if j.files != nil {
		j.files.of = splitFile{File: m.Name, Message: m.Index, From: m.From, To: m.To}
		if !m.Date.IsZero() {
			j.files.of.Date = &m.Date
		}
	}
	switch {
	case j.size > 0:
		return false, j.fragments(m)
	case j.digest:
		return j.inner(m)
	}
	return false, j.to.WriteMessage(m)
}

// inner writes the messages within m.
func (j *splitJob) inner(m *stream.Message) (negative bool, err error) {
	before := j.n
	for p, err := range mimetool.Messages(m, j.limits) {
		if err != nil {
			return false, err
		}
		j.n++
		if j.files != nil {
			j.files.of.Part = p.Number
		}
		if err := j.to.WriteMessage(&stream.Message{Reader: p.Decoded(), Index: j.n, Size: -1}); err != nil {
			return false, err
		}
	}
	return j.n == before, nil
}

// fragments writes m in fragments. RFC 2046 §5.2.2 has them of 7-bit octets alone, which is looked at before the first.
func (j *splitJob) fragments(m *stream.Message) error {
	r, err := newRereader(m)
	if err != nil {
		return err
	}
	defer r.Close()
	var high highOctets
	if _, err := io.Copy(&high, r); err != nil {
		return err
	}
	if high {
		return fail(exitDataErr, "8-bit octets: a message is encoded for 7bit before it is split (RFC 2046 §5.2.2.1)")
	}
	if err := r.rewind(); err != nil {
		return err
	}
	opt := mimetool.SplitOptions{Size: j.size, ID: mimetool.NewMessageID(j.now(), "partial.invalid"), Limits: j.limits}
	for f, err := range mimetool.Split(r, opt) {
		if err != nil {
			return err
		}
		j.n++
		if j.files != nil {
			j.files.of.Number, j.files.of.Total = f.Number, f.Total
		}
		if err := j.to.WriteMessage(&stream.Message{Reader: f, Index: j.n, Size: -1}); err != nil {
			return err
		}
	}
	return nil
}

// highOctets says whether there are octets above 127 in what is written to it.
type highOctets bool

func (h *highOctets) Write(p []byte) (int, error) {
	for _, c := range p {
		if c >= 0x80 {
			*h = true
			break
		}
	}
	return len(p), nil
}
