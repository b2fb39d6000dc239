package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"posta/mimetool/stream"
)

// newMessageSink makes the sink that --to or -d names.
func newMessageSink(c *cli.Context, e *env) (messageSink, error) {
	if format := c.String("to"); format != "" {
		return newStreamSink(c, e, format)
	}
	dir := c.String("dir")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fail(exitCantCreate, "%w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fail(exitCantCreate, "%w", err)
	}
	return &fileSink{env: e, dir: dir, root: root, json: c.Bool("json")}, nil
}

// newStreamSink writes a stream to standard output.
func newStreamSink(c *cli.Context, e *env, format string) (messageSink, error) {
	f, err := stream.ParseFormat(format)
	if err != nil {
		return nil, usageError("%s: --to: %v", commandPath(c), err)
	}
	w, err := stream.NewWriter(e.out, f, stream.Options{Now: e.now()})
	if err != nil || f == stream.Paths {
		return nil, usageError("%s: --to is mboxrd, jsonl or tar", commandPath(c))
	}
	return w, nil
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
	json bool
	of   splitFile // what is known of the next
	n    int
}

func (s *fileSink) WriteMessage(m *stream.Message) error {
	s.n++
	const temp = ".posta-split"
	f, err := s.root.OpenFile(temp+strconv.Itoa(os.Getpid()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fail(exitCantCreate, "%w", err)
	}
	s.of.Size, err = io.Copy(f, m)
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
	if s.of.Path = s.path(name); s.json {
		return s.env.out.JSON(&s.of)
	}
	return s.env.out.Line(s.of.Path)
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

// splitFile is what --json prints of a file.
type splitFile struct {
	File    string     `json:"file,omitempty"` // that it was in
	Message int        `json:"message"`        // of those that were read
	Path    string     `json:"path"`
	Size    int64      `json:"size"`
	From    string     `json:"from,omitempty"` // envelope
	To      []string   `json:"to,omitempty"`
	Date    *time.Time `json:"date,omitempty"`   // as the stream says
	Part    string     `json:"part,omitempty"`   // of --digest
	Number  int        `json:"number,omitempty"` // of --size
	Total   int        `json:"total,omitempty"`
}
