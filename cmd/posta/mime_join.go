package main

import (
	"crypto/rand"
	"io"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

func newMimeJoinCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "join",
		Usage:     "write many messages as one stream or digest, or put a message together of its fragments",
		ArgsUsage: "[MSG...]",
		Flags: append(mimeInputFlags(),
			&cli.StringFlag{Name: "to", Value: "mboxrd", Usage: "the stream's `FORMAT`: mboxrd, jsonl or tar"},
			&cli.BoolFlag{Name: "digest", Usage: "one message, a multipart/digest"},
			&cli.BoolFlag{Name: "partial", Usage: "the messages are fragments (message/partial) of one, in any order"},
			&cli.StringSliceFlag{Name: "header", Aliases: []string{"H"}, Usage: "header field `'NAME: VALUE'` of the digest"},
		),
		Action: func(c *cli.Context) error { return runMimeJoin(c, e) },
	}
}

func runMimeJoin(c *cli.Context, e *env) error {
	in, err := newMimeInput(c, e, c.Args().Slice())
	if err != nil {
		return err
	}
	switch {
	case c.Bool("partial") && c.Bool("digest"):
		return usageError("mime join: --partial and --digest exclude each other")
	case c.Bool("partial"):
		return joinFragments(c, e, in)
	}
	to, err := newJoinSink(c, e)
	if err != nil {
		return err
	}
	err = eachInTurn(c.Context, e, in, &joinJob{to})
	if closeErr := to.Close(); err == nil {
		err = closeErr
	}
	return err
}

func newJoinSink(c *cli.Context, e *env) (messageSink, error) {
	if !c.Bool("digest") {
		return newMessageSink(c, e)
	}
	var fields []byte
	for _, text := range c.StringSlice("header") {
		f, err := packField(text)
		if err != nil {
			return nil, err
		}
		raw, err := mimetool.EncodeField(f.Name, f.Value, "\n")
		if err != nil {
			return nil, err
		}
		fields = append(fields, raw...)
	}
	w, err := mimetool.NewDigestWriter(e.out, string(fields), "=_"+rand.Text(), "\n")
	return digestSink{w}, err
}

// joinJob writes one message after the other to a sink.
type joinJob struct{ to messageSink }

func (j *joinJob) message(m *stream.Message, _ *output) (negative bool, err error) {
	return false, j.to.WriteMessage(m)
}

type digestSink struct{ *mimetool.DigestWriter }

func (d digestSink) WriteMessage(m *stream.Message) error { return d.Add(m) }

// joinFragments writes each message whose fragments are all there; one as it is, more than one only where --to says as
// what stream.
func joinFragments(c *cli.Context, e *env, in *mimeInput) error {
	j := &fragmentJob{env: e, joiner: mimetool.Joiner{Limits: in.limits}}
	defer j.joiner.Close()
	if c.IsSet("to") {
		to, err := newMessageSink(c, e)
		if err != nil {
			return err
		}
		j.to = to
	}
	err := eachInTurn(c.Context, e, in, j)
	if j.to != nil {
		if closeErr := j.to.Close(); err == nil {
			err = closeErr
		}
	}
	missing := j.joiner.Incomplete()
	for _, m := range missing {
		e.warn("%v", m)
	}
	switch {
	case err != nil || len(missing) == 0:
		return err
	case j.done > 0:
		return silent(exitPartial)
	}
	return silent(exitDataErr)
}

// fragmentJob takes one fragment after the other.
type fragmentJob struct {
	env    *env
	joiner mimetool.Joiner
	to     messageSink
	done   int // messages
}

func (j *fragmentJob) message(m *stream.Message, out *output) (negative bool, err error) {
	whole, err := j.joiner.Add(m)
	if err != nil || whole == nil {
		return false, err
	}
	j.done++
	switch {
	case j.to != nil:
		return false, j.to.WriteMessage(&stream.Message{Reader: whole, Index: j.done, Size: -1})
	case j.done > 1:
		return false, fail(exitUsage, "mime join: these are fragments of several messages: --to FORMAT makes a stream of them")
	}
	_, err = io.Copy(out, whole)
	return false, err
}
