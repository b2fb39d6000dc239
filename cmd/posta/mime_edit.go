package main

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

// editFlags are those of the commands that change messages.
func editFlags() []cli.Flag {
	return append(mimeInputFlags(),
		&cli.StringFlag{Name: "to", Usage: "write a stream: `FORMAT` mboxrd, jsonl or tar; without it one message as it is, several as mboxrd"})
}

// An editPlan finds what is to be changed in a message.
type editPlan func(*rereader, mimetool.Limits) ([]mimetool.Edit, error)

// editMessages makes edits to the messages that the arguments name and writes them to standard output.
func editMessages(c *cli.Context, e *env, plan editPlan) error {
	in, err := newMimeInput(c, e, c.Args().Slice())
	if err != nil {
		return err
	}
	if in.many() || c.IsSet("to") {
		return editStream(c, e, in, plan)
	}
	for m, err := range in.messages(e) {
		if err != nil {
			return err
		}
		return editOne(e, m, in.limits, plan)
	}
	return nil
}

// editOne writes one message, or nothing where it cannot be changed.
func editOne(e *env, m *stream.Message, limits mimetool.Limits, plan editPlan) error {
	r, err := newRereader(m)
	if err != nil {
		return err
	}
	defer r.Close()
	edits, err := planned(r, limits, plan)
	if err != nil {
		return err
	}
	w, err := e.out.bulk(e)
	if err != nil {
		return err
	}
	err = mimetool.ApplyEdits(w, r, edits)
	if closeErr := w.Close(); closeErr != nil {
		return closeErr
	}
	return err
}

// planned is the edits of the message in r, which is at its start again then.
func planned(r *rereader, limits mimetool.Limits, plan editPlan) ([]mimetool.Edit, error) {
	err := r.rewind()
	if err != nil {
		return nil, err
	}
	edits, err := plan(r, limits)
	if rewindErr := r.rewind(); rewindErr != nil {
		return nil, rewindErr
	}
	return edits, err
}

// editStream writes many messages as a stream. None is lost: one that cannot be changed comes through as it is.
func editStream(c *cli.Context, e *env, in *mimeInput, plan editPlan) error {
	format := c.String("to")
	if format == "" {
		format = string(stream.Mboxrd)
	}
	to, err := newStreamSink(c, e, format)
	if err != nil {
		return err
	}
	j := &editJob{env: e, limits: in.limits, plan: plan, to: to}
	err = eachInTurn(c.Context, e, in, j)
	if closeErr := to.Close(); err == nil {
		err = closeErr
	}
	if err == nil && j.unchanged > 0 {
		return silent(exitPartial)
	}
	return err
}

// editJob changes one message after the other.
type editJob struct {
	env       *env
	limits    mimetool.Limits
	plan      editPlan
	to        messageSink
	unchanged int // that should not be
}

func (j *editJob) message(m *stream.Message, _ *output) (negative bool, err error) {
	r, err := newRereader(m)
	if err != nil {
		return false, err
	}
	defer r.Close()
	edits, err := planned(r, j.limits, j.plan)
	if err != nil {
		j.unchanged++
		edits = nil
		j.env.warn("%v: it is as it was", ofMessage(m, err))
	}
	changed := *m
	changed.Size = -1
	pr, pw := io.Pipe()
	defer pr.Close()
	go func() { pw.CloseWithError(mimetool.ApplyEdits(pw, r, edits)) }()
	changed.Reader = pr
	return false, j.to.WriteMessage(&changed)
}

var errInsideEncoded = errors.New("it is in an encoded message, whose octets cannot be changed alone")
