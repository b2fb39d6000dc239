package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"posta/fetch/imap"
)

func newIMAPIdleCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "idle",
		Usage: "wait for new messages",
		Flags: imapFlags(
			&cli.StringSliceFlag{Name: "folder", Aliases: []string{"f"}, Usage: "`FOLDER` to watch, any number of times", DefaultText: "INBOX"},
			&cli.StringFlag{Name: "folders", Usage: "folders to watch: `A,B`"},
			&cli.StringFlag{Name: "exec", Usage: "run `CMD` for each, with its header on standard input"},
			&cli.IntFlag{Name: "count", Usage: "end after `N` messages"},
			&cli.GenericFlag{Name: "for", Value: new(timeLimit), Usage: "end after `TIME`"},
			&cli.GenericFlag{Name: "renew", Value: new(timeLimit), Usage: "renew the waiting every `TIME` (default 29m)"},
		),
		Action: func(c *cli.Context) error { return runIMAPIdle(c, e) },
	}
}

type idleOptions struct {
	folders []string
	exec    string
	count   int
	limit   time.Duration // 0: none
	wait    imap.IdleOptions
	json    bool
}

func readIdleOptions(c *cli.Context) (o idleOptions, err error) {
	o = idleOptions{exec: c.String("exec"), count: c.Int("count"), json: c.Bool("json")}
	for _, name := range append(c.StringSlice("folder"), strings.Split(c.String("folders"), ",")...) {
		if name != "" && !slices.Contains(o.folders, name) {
			o.folders = append(o.folders, name)
		}
	}
	if len(o.folders) == 0 {
		o.folders = []string{"INBOX"}
	}
	o.limit = time.Duration(*c.Generic("for").(*timeLimit))
	o.wait.Renewal = time.Duration(*c.Generic("renew").(*timeLimit))
	if o.wait.Renewal != 0 {
		o.wait.Polling = min(o.wait.Renewal, imap.DefaultPolling)
	}
	switch {
	case c.Args().Present():
		err = usageError("imap idle: %q is too much: folders are named with -f", c.Args().First())
	case c.IsSet("count") && o.count < 1:
		err = usageError("--count: needs a number from 1")
	case o.exec != "" && o.json:
		err = usageError("imap idle: --exec and --json exclude each other")
	}
	return o, err
}

func runIMAPIdle(c *cli.Context, e *env) error {
	opt, err := readIdleOptions(c)
	if err != nil {
		return err
	}
	s, err := newIMAPSession(c, e)
	if err != nil {
		return err
	}
	w := &watching{imapSession: s, c: c, opt: opt, news: make(chan *news)}
	return s.close(w.run())
}

// watching is a run of posta imap idle. Each folder has a connection and a goroutine of its own, or all have one, where
// the server tells of many (NOTIFY); what is new comes here and is told here, one message after the other.
type watching struct {
	*imapSession
	c        *cli.Context
	opt      idleOptions
	login    sync.Mutex // one goroutine at a time asks for the password
	news     chan *news
	reported int
	failed   int // commands
}

func (w *watching) run() error {
	ctx, cancel := context.WithCancel(w.c.Context)
	if w.opt.limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, w.opt.limit)
	}
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- w.watch(ctx)
		close(w.news)
	}()
	var err error
	for n := range w.news {
		if err = w.tell(n); err != nil || w.reported == w.opt.count {
			break
		}
	}
	cancel()
	return firstError(err, w.c.Context.Err(), <-ended, w.status())
}

// watch watches the folders until ctx ends: each over its own connection, unless the server can tell of all over one.
func (w *watching) watch(ctx context.Context) error {
	var folders []*folderWatch
	for _, name := range w.opt.folders {
		folders = append(folders, &folderWatch{watching: w, folder: name})
	}
	client, err := w.connect(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	if caps := client.Caps(); len(folders) > 1 && caps.Has(goimap.CapNotify) && caps.Has(goimap.CapIdle) {
		return (&notifyWatch{watching: w, folders: folders, client: client}).watch(ctx)
	}
	folders[0].client = client
	return w.watchEach(ctx, folders)
}

// watchEach watches each folder over its own connection.
func (w *watching) watchEach(ctx context.Context, folders []*folderWatch) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, f := range folders {
		group.Go(func() error { return f.watch(ctx) })
	}
	return group.Wait()
}

// connect connects and logs in; the password is asked for again each time, since a token has its time.
func (w *watching) connect(ctx context.Context) (*imap.Client, error) {
	w.login.Lock()
	cfg, err := w.config(w.c)
	w.login.Unlock()
	if err != nil {
		return nil, err
	}
	return imap.Dial(ctx, cfg)
}

// status is that of a run that was not interrupted: 1 if there was nothing, or less than was waited for.
func (w *watching) status() error {
	switch {
	case w.reported == 0, w.reported < w.opt.count:
		return silent(exitNegative)
	case w.failed > 0:
		return silent(exitPartial)
	}
	return nil
}

// tell prints a line for a message, or runs the command.
func (w *watching) tell(n *news) error {
	w.reported++
	n.decode(true)
	switch {
	case w.opt.exec != "":
		return w.runCommand(n)
	case w.opt.json:
		return firstError(w.env.out.JSON(n), w.env.out.Flush())
	}
	err := w.env.out.Line(n.Folder, strconv.FormatUint(uint64(n.UID), 10), n.from, n.Subject)
	return firstError(err, w.env.out.Flush())
}
