package main

import (
	"regexp"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
	"posta/mimetool"
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
		p.headers, p.headerLeft = map[string][]byte{}, maxPartHeaders
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
	next      int // the part to be printed
	missing   bool

	headerLeft int64 // octets that headers may still have
}

// run asks for the structure and the headers and then for each part, all in one turn. Commands of their own keep the
// parts in their order and behind the headers, whatever order a server likes within one.
func (p *imapPartJob) run() error {
	if p.binary && !p.client.Caps().Has(goimap.CapBinary) && !p.client.Caps().Has(goimap.CapIMAP4rev2) {
		return fail(exitUnavailable, "--binary: the server does not offer BINARY")
	}
	selected := p.client.Select(p.Folder, imap.SelectOptions{ReadOnly: true})
	fetches := []*imap.Fetch{p.client.Fetch(goimap.UIDSetNum(p.UID), p.askAbout())}
	for _, number := range p.job.opt.numbers {
		if !p.job.opt.header {
			fetches = append(fetches, p.client.Fetch(goimap.UIDSetNum(p.UID), p.askContent(number)))
		}
	}
	if _, err := selected.Wait(); err != nil {
		return err
	}
	for _, fetch := range fetches {
		if err := p.read(fetch); err != nil {
			return err
		}
	}
	return p.end()
}

// end prints the headers where these are wanted, and says what did not come.
func (p *imapPartJob) end() error {
	if !p.seen {
		p.env.warn("there is no message %d in %s", p.UID, p.Folder)
		return silent(exitNegative)
	}
	for ; p.next < len(p.job.opt.numbers); p.next++ {
		number := p.job.opt.numbers[p.next]
		about, there := p.find(number)
		if !p.job.opt.header || !there {
			p.lacks(number)
		} else if err := p.print(number, about, strings.NewReader("")); err != nil {
			return err
		}
	}
	if p.missing {
		return silent(exitNegative)
	}
	return nil
}

// lacks says that a part is not there.
func (p *imapPartJob) lacks(number string) {
	p.env.warn("message %d has no part %s", p.UID, number)
	p.missing = true
}

// find finds a part in the structure. Where the server tells none, what comes is there.
func (p *imapPartJob) find(number string) (about imapPart, there bool) {
	if number == wholeText || p.structure == nil {
		return about, true
	}
	return partOf(p.structure, number)
}
