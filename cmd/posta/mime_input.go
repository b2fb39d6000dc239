package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"syscall"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

// mimeInput is what the commands of posta mime read: messages in files or on standard input, or streams of them.
type mimeInput struct {
	ctx    context.Context // that ends the reading; nil: nothing does
	files  []string
	format stream.Format // "": each file is one message
	opt    stream.Options
	limits mimetool.Limits // of each message
	asks   bool            // something is looked for: where there is no message at all, the answer is negative
}

func mimeInputFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "stream", Usage: "many messages in each input: `FORMAT` mboxrd, mboxo, mboxcl2, jsonl, tar or paths"},
		&cli.BoolFlag{Name: "0", Usage: "names of --stream paths end in NUL; without it, lines of the output do"},
		limitFlag(),
	}
}

// newMimeInput reads the flags and the arguments. -0 is about the names that are read where there are some, else
// about the lines that are written.
func newMimeInput(c *cli.Context, e *env, files []string) (*mimeInput, error) {
	in := &mimeInput{ctx: c.Context, files: files}
	if name := c.String("stream"); name != "" {
		f, err := stream.ParseFormat(name)
		if err != nil {
			return nil, usageError("%s: %v", commandPath(c), err)
		}
		in.format = f
	}
	var err error
	if in.limits, err = readLimits(c); err != nil {
		return nil, err
	}
	if len(files) == 0 {
		in.files = []string{"-"}
	}
	switch {
	case in.format == stream.Paths:
		in.opt.NUL = c.Bool("0")
	case c.Bool("0"):
		e.out.end = 0
	}
	return in, nil
}

// many says whether there may be more than one message.
func (in *mimeInput) many() bool { return in.format != "" || len(in.files) > 1 }

// messages gives the messages one after the other. The error of one, an *stream.EntryError, does not end them.
func (in *mimeInput) messages(e *env) iter.Seq2[*stream.Message, error] {
	return func(yield func(*stream.Message, error) bool) {
		n := 0
		ctx := in.ctx
		if ctx == nil {
			ctx = context.Background()
		}
		for _, name := range in.files {
			r, err := openInput(ctx, e, name)
			if err != nil {
				n++
				if !yield(nil, &stream.EntryError{Index: n, Name: name, Err: inputError{withoutPath(err)}}) {
					return
				}
				continue
			}
			goOn := in.file(name, r, &n, yield)
			r.Close()
			if !goOn {
				return
			}
		}
	}
}

// file gives the messages of one input; n counts them.
func (in *mimeInput) file(name string, r io.Reader, n *int, yield func(*stream.Message, error) bool) bool {
	if in.format == "" {
		*n++
		m := &stream.Message{Reader: r, Index: *n, Size: -1}
		if name != "-" {
			m.Name = name
		}
		return yield(m, nil)
	}
	for m, err := range stream.Read(r, in.format, in.opt) {
		*n++
		if m != nil {
			m.Index = *n
		}
		if err != nil && len(in.files) > 1 {
			err = &stream.EntryError{Index: *n, Name: name, Err: err}
		}
		if !yield(m, err) {
			return false
		}
	}
	return true
}

// inputError is the error of an input file that cannot be opened.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// openInput opens a file, or standard input for "-".
func openInput(ctx context.Context, e *env, name string) (io.ReadCloser, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, inputError{err}
		}
		if info, err := f.Stat(); err == nil && info.IsDir() {
			f.Close()
			return nil, inputError{&fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}}
		}
		return &watchedFile{ctx, f, false}, nil
	}
	return standardInput(ctx, e), nil
}

// withoutPath is err without the path that the file functions put before it.
func withoutPath(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// messageTally counts how the messages of a command fared and says what went wrong with each.
type messageTally struct {
	e         *env
	asks      bool
	done      int
	negatives int // of those done: nothing found, or defects
	failed    int
	last      error
}

// note counts a message. It gives back an error that must end the command, such as one of standard output.
func (t *messageTally) note(m *stream.Message, negative bool, err error) error {
	if err == nil {
		t.done++
		if negative {
			t.negatives++
		}
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if endsCommand(err) {
		return err
	}
	t.failed++
	err = ofMessage(m, err)
	t.last = err
	t.e.warn("%v", err)
	return nil
}

// ofMessage says which message an error is about, where it does not say so itself and there may be others.
func ofMessage(m *stream.Message, err error) error {
	var entry *stream.EntryError
	if errors.As(err, &entry) || m == nil || m.Name == "" && m.Index <= 1 {
		return err
	}
	return &stream.EntryError{Index: m.Index, Name: m.Name, Err: err}
}

// status is the command's end: 3 where some messages were done and some were not.
func (t *messageTally) status() error {
	switch {
	case t.failed > 0 && t.done > 0:
		return silent(exitPartial)
	case t.failed > 0:
		return silent(statusOf(t.last))
	case t.negatives == t.done && (t.done > 0 || t.asks):
		return silent(exitNegative) // no message had what was looked for
	}
	return nil
}

// endsCommand says whether err is not one message's: standard output cannot be written.
func endsCommand(err error) bool {
	var s *statusError
	return errors.As(err, &s)
}
