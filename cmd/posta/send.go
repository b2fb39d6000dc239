package main

import (
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"posta/internal/account"
)

// sendOptions are the flags of posta send that are not the connection's.
type sendOptions struct {
	to, cc, bcc   []string // as they stand on the command line; to has the arguments too
	args          []string
	from          *string // -f, which may be empty
	replyTo       []string
	header        []string
	esmtp         []string
	subject       *string
	text          bool
	html          string
	attach        []string
	ifNonempty    bool
	allOrNothing  bool
	save          string
	retry         time.Duration
	dryRun, json  bool
	skipInDoubt   bool
	stream        string
	journal       string
	jobs          int
	perConnection int
	rate          sendRate
	direct        bool
}

func newSendCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "send",
		Usage:     "send a letter, or text made into one, over SMTP",
		ArgsUsage: "[TO...]",
		Flags:     slices.Concat(sendFlags(), sendStreamFlags(), sendDirectFlags(), connFlags()),
		Action:    func(c *cli.Context) error { return runSend(c, e) },
	}
}

func sendFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "subject", Aliases: []string{"s"}, Usage: "make a letter with the subject `TEXT` of the text on standard input"},
		&cli.BoolFlag{Name: "text", Usage: "standard input is text, not a letter with its header"},
		&cli.StringFlag{Name: "html", Usage: "HTML `FILE` beside the text"},
		&cli.StringSliceFlag{Name: "attach", Aliases: []string{"A"}, Usage: "attach `FILE[:TYPE]`; -:NAME is standard input"},
		&cli.StringFlag{Name: "from", Aliases: []string{"f"}, Usage: "sender `ADDRESS`, of the envelope too"},
		&cli.StringSliceFlag{Name: "to", Usage: "recipient `ADDRESS`"},
		&cli.StringSliceFlag{Name: "cc", Aliases: []string{"c"}, Usage: "`ADDRESS` that gets a copy"},
		&cli.StringSliceFlag{Name: "bcc", Aliases: []string{"b"}, Usage: "`ADDRESS` that no header names"},
		&cli.StringSliceFlag{Name: "reply-to", Usage: "`ADDRESS` where answers go"},
		&cli.StringSliceFlag{Name: "header", Aliases: []string{"H"}, Usage: "header field `'NAME: VALUE'`"},
		&cli.StringSliceFlag{Name: "option", Aliases: []string{"o"}, Usage: "ask the server for `NAME=VALUE`: notify, ret, envid, requiretls, hold, by, priority"},
		&cli.BoolFlag{Name: "all-or-nothing", Usage: "send to nobody when one recipient is refused"},
		&cli.BoolFlag{Name: "if-nonempty", Usage: "send nothing when standard input is empty"},
		&cli.StringFlag{Name: "save", Usage: "keep what was sent in an mbox `FILE` or maildir:DIR"},
		&cli.GenericFlag{Name: "retry", Value: new(timeLimit), Usage: "go on trying for `TIME` while failures are temporary"},
		&cli.BoolFlag{Name: "n", Usage: "show the letter and what would be done; send nothing"},
		&cli.BoolFlag{Name: "json", Usage: "print what became of each letter as an object"},
	}
}

func sendStreamFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "stream", Usage: "send many letters: `FORMAT` mboxrd, jsonl, paths or tar on standard input"},
		&cli.BoolFlag{Name: "0", Usage: "the paths of --stream paths end in NUL"},
		&cli.IntFlag{Name: "jobs", Value: 1, Usage: "`N` connections at a time"},
		&cli.IntFlag{Name: "per-connection", Usage: "`N` letters on one connection at most"},
		&cli.GenericFlag{Name: "rate", Value: new(sendRate), Usage: "letters in a time at most, `N/s`, N/m or N/h"},
		&cli.StringFlag{Name: "journal", Usage: "keep account in `FILE`, so that the same job can be started again"},
		&cli.BoolFlag{Name: "skip-in-doubt", Usage: "leave out letters of a stream that may have been delivered"},
	}
}

func readSendOptions(c *cli.Context) *sendOptions {
	o := &sendOptions{
		args: c.Args().Slice(), to: c.StringSlice("to"), cc: c.StringSlice("cc"), bcc: c.StringSlice("bcc"),
		replyTo: c.StringSlice("reply-to"), header: c.StringSlice("header"), esmtp: c.StringSlice("option"),
		text: c.Bool("text"), html: c.String("html"), attach: c.StringSlice("attach"),
		ifNonempty: c.Bool("if-nonempty"), allOrNothing: c.Bool("all-or-nothing"), save: c.String("save"),
		retry: time.Duration(*c.Generic("retry").(*timeLimit)), dryRun: c.Bool("n"), json: c.Bool("json"), skipInDoubt: c.Bool("skip-in-doubt"),
		stream: c.String("stream"), journal: c.String("journal"), jobs: c.Int("jobs"),
		perConnection: c.Int("per-connection"), rate: *c.Generic("rate").(*sendRate),
		direct: c.Bool("direct"),
	}
	if c.IsSet("from") {
		from := c.String("from")
		o.from = &from
	}
	if c.IsSet("subject") {
		subject := c.String("subject")
		o.subject = &subject
	}
	return o
}

// composes says whether standard input is text, or an attachment, and not a letter with its header.
func (o *sendOptions) composes() bool {
	return o.subject != nil || o.text || o.html != "" || len(o.attach) > 0
}

func runSend(c *cli.Context, e *env) error {
	o := readSendOptions(c)
	if c.Bool("0") && o.stream != "paths" {
		return usageError("-0 goes with --stream paths")
	}
	s := &sending{env: e, opt: o}
	if err := s.readArguments(); err != nil {
		return err
	}
	if err := s.connection(c); err != nil {
		return err
	}
	var err error
	s.signer, err = newSigner(e, s.conn.account)
	switch {
	case err != nil:
	case o.stream != "":
		err = s.runStream(c.Context, c.Bool("0"))
	default:
		err = s.runOne(c.Context)
	}
	return firstError(err, s.conn.close(), s.mta.close())
}

// connection reads the flags of the connection: to the account's server, or with --direct to those of the recipients.
func (s *sending) connection(c *cli.Context) (err error) {
	if s.opt.direct {
		return s.directConnection(c)
	}
	if c.IsSet("resolver") {
		return usageError("--resolver goes with --direct")
	}
	s.conn, err = newConnection(c, s.env, account.SMTP)
	return err
}
