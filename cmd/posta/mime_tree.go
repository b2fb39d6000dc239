package main

import (
	"io"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

func newMimeTreeCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "tree",
		Usage:     "show the parts of messages: number, type, size, encoding, name, defects",
		ArgsUsage: "[MSG...]",
		Flags: append(mimeInputFlags(),
			&cli.BoolFlag{Name: "json", Usage: "an object a part"},
		),
		Action: func(c *cli.Context) error { return runMimeTree(c, e) },
	}
}

func runMimeTree(c *cli.Context, e *env) error {
	in, err := newMimeInput(c, e, c.Args().Slice())
	if err != nil {
		return err
	}
	many, asJSON := in.many(), c.Bool("json")
	return eachMessage(c.Context, e, in, func() messageJob {
		return &treeJob{many: many, json: asJSON, walker: mimetool.NewWalker(strings.NewReader(""), in.limits)}
	})
}

// treeJob prints the parts of one message after the other.
type treeJob struct {
	many   bool
	json   bool
	walker *mimetool.Walker
	rows   chunked[treeRow]
	number [20]byte
}

// treeLine is a line of --json.
type treeLine struct {
	File    string `json:"file,omitempty"`
	Message int    `json:"message"`
	*treeRow
}

// treeRow is a part. A multipart's size is known only after its parts.
type treeRow struct {
	Number      string            `json:"part"`
	Type        string            `json:"type"`
	Size        int64             `json:"size"`
	Encoding    string            `json:"encoding,omitempty"`
	Disposition string            `json:"disposition,omitempty"`
	Name        string            `json:"name,omitempty"`
	Defects     []mimetool.Defect `json:"defects,omitempty"`
}

func (j *treeJob) message(m *stream.Message, out *output) (bool, error) {
	err := j.walk(m)
	if err != nil && j.rows.len() == 0 {
		return false, err
	}
	if writeErr := j.print(m, out); writeErr != nil {
		return false, writeErr
	}
	return false, err
}

// walk fills rows.
func (j *treeJob) walk(m *stream.Message) error {
	j.rows.reset()
	j.walker.Reset(m)
	for {
		p, err := j.walker.Next()
		for _, x := range j.walker.Closed() {
			row := j.rows.at(x.Part)
			row.Size = x.Size()
			row.Defects = append(row.Defects, x.Defects...)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		row := treeRow{Number: p.Number, Type: p.Type, Encoding: p.Encoding, Size: -1}
		if p.IsAttachment() {
			row.Name = p.Name()
			row.Disposition, _ = p.Disposition()
		}
		if len(p.Defects) > 0 {
			row.Defects = append(row.Defects, p.Defects...)
		}
		j.rows.add(row)
	}
}

// print writes the rows, and before them which message it is where there may be many.
func (j *treeJob) print(m *stream.Message, out *output) error {
	if j.json {
		for i := range j.rows.len() {
			if err := out.JSON(&treeLine{m.Name, m.Index, j.rows.at(i)}); err != nil {
				return err
			}
		}
		return nil
	}
	if j.many {
		name := m.Name
		if name == "" {
			name = "message " + strconv.Itoa(m.Index)
		}
		if err := out.Line(name); err != nil {
			return err
		}
	}
	for i := range j.rows.len() {
		r := j.rows.at(i)
		size := strconv.AppendInt(j.number[:0], r.Size, 10)
		if err := out.Line(r.Number, r.Type, string(size), r.Encoding, r.Name, defectNames(r.Defects)); err != nil {
			return err
		}
	}
	return nil
}

// defectNames lists the kinds of defects, each once.
func defectNames(list []mimetool.Defect) string {
	if len(list) == 0 {
		return ""
	}
	var names []string
	for _, d := range list {
		if len(names) == 0 || !strings.Contains(","+strings.Join(names, ",")+",", ","+d.Name+",") {
			names = append(names, d.Name)
		}
	}
	return strings.Join(names, ",")
}
