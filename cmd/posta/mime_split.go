package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
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
	}
	to, err := newMessageSink(c, e)
	if err != nil {
		return err
	}
	err = eachInTurn(c.Context, e, in, &splitJob{size: size, digest: c.Bool("digest"), to: to, now: e.now})
	if closeErr := to.Close(); err == nil {
		err = closeErr
	}
	return err
}

// newMessageSink makes the sink that --to or -d names.
func newMessageSink(c *cli.Context, e *env) (messageSink, error) {
	if name := c.String("to"); name != "" {
		f, err := stream.ParseFormat(name)
		if err != nil {
			return nil, usageError("%s: --to: %v", commandPath(c), err)
		}
		w, err := stream.NewWriter(e.out, f, stream.Options{Now: e.now()})
		if err != nil || f == stream.Paths {
			return nil, usageError("%s: --to is mboxrd, jsonl or tar", commandPath(c))
		}
		return w, nil
	}
	dir := c.String("dir")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fail(exitCantCreate, "%w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fail(exitCantCreate, "%w", err)
	}
	return &fileSink{env: e, dir: dir, root: root}, nil
}

// splitJob splits one message after the other.
type splitJob struct {
	size   int64
	digest bool
	to     messageSink
	now    func() time.Time
	n      int // written
}

func (j *splitJob) message(m *stream.Message, _ *output) (negative bool, err error) {
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
	for p, err := range mimetool.Messages(m, mimetool.Limits{}) {
		if err != nil {
			return false, err
		}
		j.n++
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
	opt := mimetool.SplitOptions{Size: j.size, ID: mimetool.NewMessageID(j.now(), "partial.invalid")}
	for f, err := range mimetool.Split(r, opt) {
		if err != nil {
			return err
		}
		j.n++
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

// A messageSink takes messages, as stream.Writer does.
type messageSink interface {
	WriteMessage(m *stream.Message) error
	Close() error
}

// fileSink writes each message to a file of its own, which has its name when it is whole, and prints the name.
type fileSink struct {
	env  *env
	dir  string
	root *os.Root
	n    int
}

func (s *fileSink) WriteMessage(m *stream.Message) error {
	s.n++
	const temp = ".posta-split"
	f, err := s.root.OpenFile(temp+strconv.Itoa(os.Getpid()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fail(exitCantCreate, "%w", err)
	}
	_, err = io.Copy(f, m)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	name := ""
	if err == nil {
		name, err = s.place(temp + strconv.Itoa(os.Getpid()))
	}
	if err != nil {
		return errors.Join(err, s.root.Remove(temp+strconv.Itoa(os.Getpid())))
	}
	return s.env.out.Line(s.path(name))
}

// place gives a file its number's name, or the next that is free.
func (s *fileSink) place(temp string) (string, error) {
	for ; ; s.n++ {
		name := fmt.Sprintf("%06d.eml", s.n)
		err := s.root.Link(temp, name)
		if err == nil {
			return name, s.root.Remove(temp)
		}
		if !errors.Is(err, os.ErrExist) {
			return "", fail(exitCantCreate, "%w", err)
		}
	}
}

func (s *fileSink) path(name string) string {
	if s.dir == "." {
		return name
	}
	return s.dir + string(os.PathSeparator) + name
}

func (s *fileSink) Close() error { return s.root.Close() }
