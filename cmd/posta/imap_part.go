package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
	"posta/mimetool"
	"posta/mimetool/stream"
)

func newIMAPPartCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "part",
		Usage:     "print parts of a message by number, and fetch nothing else",
		ArgsUsage: "UID N[.M]...",
		Flags: imapFlags(
			folderFlag(),
			&cli.BoolFlag{Name: "raw", Usage: "as it stands in the message, transfer encoding and all"},
			&cli.BoolFlag{Name: "header", Usage: "its header instead, as it stands"},
			&cli.BoolFlag{Name: "utf8", Usage: "texts as UTF-8"},
			&cli.BoolFlag{Name: "binary", Usage: "have the server decode it"},
		),
		Action: func(c *cli.Context) error { return runIMAPPart(c, e) },
	}
}

func runIMAPPart(c *cli.Context, e *env) error {
	o := &mimePartOptions{raw: c.Bool("raw"), header: c.Bool("header"), utf8: c.Bool("utf8"), json: c.Bool("json")}
	binary := c.Bool("binary")
	if binary && (o.raw || o.header || o.utf8 || o.json) {
		return usageError("imap part: --binary has the content alone, as the server decodes it")
	}
	number := regexp.MustCompile(`^[1-9][0-9]*(\.[1-9][0-9]*)*$`)
	for i, arg := range c.Args().Slice() {
		switch {
		case i == 0:
		case number.MatchString(arg):
			o.numbers = append(o.numbers, arg)
		case strings.EqualFold(arg, "TEXT"):
			o.numbers = append(o.numbers, "TEXT")
		default:
			return usageError("imap part: %q is no number of a part, such as 1 or 2.1", arg)
		}
	}
	uid, ok := parseUID(c.Args().First())
	if !ok || uid == 0 || len(o.numbers) == 0 {
		return usageError("imap part needs a UID and the numbers of parts: 42 1 2.1")
	}
	return runIMAP(c, e, func(s *imapSession) error {
		p := &imapPartJob{imapSession: s, imapPlace: imapPlace{c.String("folder"), uid}, binary: binary}
		p.job = partJob{opt: o, place: &p.imapPlace, walker: mimetool.NewWalker(strings.NewReader(""), mimetool.Limits{})}
		return p.run()
	})
}

// imapPlace is where a message is, in objects.
type imapPlace struct {
	Folder string     `json:"folder"`
	UID    goimap.UID `json:"uid"`
}

// imapPartJob fetches parts of one message and prints them.
type imapPartJob struct {
	*imapSession
	imapPlace
	binary bool
	job    partJob

	seen      bool // the message is there
	structure goimap.BodyStructure
	headers   map[string][]byte
}

// run asks for the structure and the headers and then for each part, all in one turn. Commands of their own keep the
// parts in their order and behind the headers, whatever order the server likes.
func (p *imapPartJob) run() error {
	if p.binary && !p.client.Caps().Has(goimap.CapBinary) && !p.client.Caps().Has(goimap.CapIMAP4rev2) {
		return fail(exitUnavailable, "--binary: the server does not offer BINARY")
	}
	selected := p.client.Select(p.Folder, imap.SelectOptions{ReadOnly: true})
	first := p.client.Fetch(goimap.UIDSetNum(p.UID), p.askAbout())
	var bodies []*imap.Fetch
	for _, number := range p.job.opt.numbers {
		if !p.job.opt.header {
			bodies = append(bodies, p.client.Fetch(goimap.UIDSetNum(p.UID), p.askContent(number)))
		}
	}
	if _, err := selected.Wait(); err != nil {
		return err
	}
	if err := p.about(first); err != nil {
		return err
	}
	if !p.seen {
		p.env.warn("there is no message %d in %s", p.UID, p.Folder)
		return silent(exitNegative)
	}
	missing := false
	for i, number := range p.job.opt.numbers {
		var body *imap.Fetch
		if !p.job.opt.header {
			body = bodies[i]
		}
		found, err := p.part(number, body)
		if err != nil {
			return err
		}
		missing = missing || !found
	}
	if missing {
		return silent(exitNegative)
	}
	return nil
}

// maxPartHeader is how large the headers of all parts may be.
const maxPartHeader = 16 << 20

// about reads what askAbout asked for.
func (p *imapPartJob) about(fetch *imap.Fetch) error {
	p.headers = map[string][]byte{}
	left := int64(maxPartHeader)
	for m, err := range fetch.Messages() {
		if err != nil {
			return err
		}
		for {
			l, err := m.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			if left -= l.Size; left < 0 {
				return fail(exitDataErr, "the headers of the parts are beyond %d octets", maxPartHeader)
			}
			number, isHeader := strings.CutSuffix(sectionName(l), ".MIME")
			switch {
			case number == "HEADER":
				number = wholeText
			case !isHeader:
				return errPartOrder()
			}
			if p.headers[number], err = io.ReadAll(l); err != nil {
				return err
			}
		}
		if m.BodyStructure != nil {
			p.structure = m.BodyStructure
		}
		p.seen = p.seen || m.BodyStructure != nil || len(p.headers) > 0
	}
	return nil
}

// sectionName is what stands in the brackets: "2", "2.MIME", "HEADER".
func sectionName(l *imap.Literal) string {
	_, name, _ := strings.Cut(l.Section, "[")
	return strings.TrimSuffix(name, "]")
}

// errPartOrder: one message's parts come one after the other, as they were asked for.
func errPartOrder() error {
	return fmt.Errorf("%w: parts of a message in another order than they were asked for", imap.ErrProtocol)
}

// part prints one part, whose content fetch brings; nil: its header.
func (p *imapPartJob) part(number string, fetch *imap.Fetch) (found bool, err error) {
	about, there := imapPart{}, number == wholeText || p.structure == nil
	if !there {
		about, there = partOf(p.structure, number)
	}
	header := p.headers[number]
	if len(header) == 0 {
		header = about.header() // servers differ about the header of a message's only part
	}
	if !there {
		p.env.warn("message %d has no part %s", p.UID, number)
	} else if fetch == nil {
		return true, p.print(number, header, strings.NewReader(""))
	}
	for m, err := range fetch.Messages() {
		if err != nil {
			return false, err
		}
		l, err := m.Next()
		switch {
		case err == io.EOF || err == nil && !there:
			continue
		case err != nil:
			return false, err
		case sectionName(l) != number:
			return false, errPartOrder()
		case p.binary:
			_, err = io.Copy(p.env.out, l)
		default:
			err = p.print(number, header, l)
		}
		if err != nil {
			return false, err
		}
		found = true
	}
	return found, nil
}

// print prints a part as posta mime part does.
func (p *imapPartJob) print(number string, header []byte, content io.Reader) error {
	p.job.walker.Reset(io.MultiReader(bytes.NewReader(endHeader(header)), content))
	part, err := p.job.walker.Next()
	if err != nil {
		return err
	}
	part.Number = number
	if p.job.opt.json {
		err = p.job.object(&stream.Message{}, part, p.env.out)
	} else {
		err = p.job.print(part, p.env.out)
	}
	if err == nil {
		err = p.job.walker.Err()
	}
	return err
}
