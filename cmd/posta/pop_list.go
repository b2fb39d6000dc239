package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"posta/fetch/pop3"
	"posta/mimetool"
)

func newPopListCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "list",
		Usage:     "print number, unique-id and size of letters",
		ArgsUsage: "[N|UIDL...|QUERY]",
		Flags: popFlags(
			&cli.BoolFlag{Name: "headers", Usage: "From, Date and Subject too"},
			nulFlag(),
		),
		Action: func(c *cli.Context) error { return runPopList(c, e) },
	}
}

// popLetter is a letter as list shows it.
type popLetter struct {
	Number  int    `json:"number"`
	UID     string `json:"uid,omitempty"`
	Octets  int64  `json:"octets"`
	From    string `json:"from,omitempty"`
	Date    string `json:"date,omitempty"`
	Subject string `json:"subject,omitempty"`
}

func runPopList(c *cli.Context, e *env) error {
	sel, err := readPopSelection("pop list", c.Args().Slice(), e.now())
	if err != nil {
		return err
	}
	s, err := newPopSession(c, e)
	if err != nil {
		return err
	}
	nulLines(c, e)
	return s.close(s.show(c, sel))
}

func (s *popSession) show(c *cli.Context, sel *popSelection) error {
	letters, failed, err := s.chosen(c, sel)
	if err != nil {
		return err
	}
	if c.Bool("headers") {
		failed, err = s.headers(c, letters, failed)
	} else {
		err = s.print(c, letters)
	}
	if err != nil {
		return err
	}
	if err := firstError(s.box.Err(), s.quit(c.Context)); err != nil {
		return err
	}
	return sel.found(failed, letters.Len())
}

func (s *popSession) print(c *cli.Context, letters *pop3.Subset) error {
	for l := range letters.Letters() {
		if err := s.showLetter(c, &popLetter{Number: l.Number, UID: l.UID, Octets: l.Size}, false); err != nil {
			return err
		}
	}
	return nil
}

// headers lists with what TOP tells.
func (s *popSession) headers(c *cli.Context, letters *pop3.Subset, failed *failures) (*failures, error) {
	walker := mimetool.NewWalker(nil, mimetool.Limits{})
	for m, err := range s.client.Top(c.Context, letters.Letters(), 0) {
		if m == nil {
			return failed, err
		}
		l := &popLetter{Number: m.Number, UID: m.UID, Octets: m.Size}
		if err != nil {
			failed.add(s.env, popName(m.Letter), err)
		} else if err := l.read(walker, m); err != nil {
			return failed, err
		}
		if err := s.showLetter(c, l, true); err != nil {
			return failed, err
		}
	}
	return failed, nil
}

// read takes the fields from a header. An error is one of the connection.
func (l *popLetter) read(walker *mimetool.Walker, m *pop3.Message) error {
	in := &watchedReader{r: m}
	walker.Reset(in)
	p, err := walker.Next()
	if in.err != nil {
		return in.err
	}
	if err != nil { // a header beyond all bounds, or none
		return nil
	}
	field := func(name string) string {
		if i := p.Header.Index(name); i >= 0 {
			value, _ := mimetool.DecodeField(p.Header[i], mimetool.WordOptions{Charset: p.Charset()})
			return value
		}
		return ""
	}
	l.From, l.Subject, l.Date = field("From"), field("Subject"), field("Date")
	if date, err := mimetool.ParseDate(l.Date); err == nil {
		l.Date = date.UTC().Format(time.RFC3339)
	}
	return nil
}

// watchedReader remembers the error of a reader, and counts its octets.
type watchedReader struct {
	r   io.Reader
	n   int64
	err error
}

func (r *watchedReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.n += int64(n)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

func (s *popSession) showLetter(c *cli.Context, l *popLetter, headers bool) error {
	if c.Bool("json") {
		return s.env.out.JSON(l)
	}
	fields := []string{strconv.Itoa(l.Number), l.UID, strconv.FormatInt(l.Octets, 10)}
	if headers {
		fields = append(fields, l.From, l.Date, l.Subject)
	}
	return s.env.out.Line(fields...)
}

// popName names a letter in messages.
func popName(l pop3.Letter) string {
	if l.UID == "" {
		return fmt.Sprintf("letter %d", l.Number)
	}
	return fmt.Sprintf("letter %d (%s)", l.Number, l.UID)
}
