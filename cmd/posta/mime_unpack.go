package main

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

// mimeUnpackOptions are the flags of posta mime unpack.
type mimeUnpackOptions struct {
	dir       string
	toCommand string
	match     []string
	json      bool
	unpack    mimetool.UnpackOptions
}

func newMimeUnpackCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "unpack",
		Usage:     "write attachments into a directory, or hand each to a command",
		ArgsUsage: "[MSG...]",
		Flags: append(append(mimeInputFlags(), unpackFlags()...),
			&cli.BoolFlag{Name: "json", Usage: "an object a file: type, name, size, sha256, part"},
		),
		Action: func(c *cli.Context) error { return runMimeUnpack(c, e) },
	}
}

// unpackFlags are those of all commands that unpack.
func unpackFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "dir", Aliases: []string{"d"}, Value: ".", Usage: "into `DIR`, which is made where it is missing"},
		&cli.StringFlag{Name: "to-command", Usage: "run `CMD` by the shell for each, its content on standard input, about it in POSTA_* variables"},
		&cli.BoolFlag{Name: "all", Usage: "texts and all other parts too, not only attachments and what has a name"},
		&cli.StringSliceFlag{Name: "match", Usage: "only media types or names like `PATTERN`: application/pdf, image/*, *.csv"},
		&cli.StringFlag{Name: "max-size", Usage: "leave out what is larger than `SIZE` octets (with K, M or G)"},
		&cli.StringFlag{Name: "existing", Aliases: []string{"o"}, Value: "rename", Usage: "where there is a file of the name: rename, overwrite or skip"},
		&cli.StringFlag{Name: "charset", Usage: "of names, instead of what is declared or found out"},
		&cli.BoolFlag{Name: "n", Usage: "write nothing, say what would be written"},
	}
}

func runMimeUnpack(c *cli.Context, e *env) error {
	in, err := newMimeInput(c, e, c.Args().Slice())
	if err != nil {
		return err
	}
	o, err := readMimeUnpackOptions(c)
	if err != nil {
		return err
	}
	o.unpack.Limits = in.limits
	u := &unpacking{env: e, opt: o}
	if err := u.open(); err != nil {
		return err
	}
	defer u.close()
	t := &messageTally{e: e, asks: true}
	for m, err := range in.messages(e) {
		found := false
		if err == nil {
			m.Reader = &cancelledReader{c.Context, m.Reader} // those of a list of paths too
			found, err = u.message(c.Context, m)
		}
		if err := t.note(m, !found, err); err != nil {
			return err
		}
	}
	if u.failed+u.guessed > 0 && t.failed == 0 {
		return silent(exitPartial)
	}
	return t.status()
}

func readMimeUnpackOptions(c *cli.Context) (*mimeUnpackOptions, error) {
	o := &mimeUnpackOptions{dir: c.String("dir"), toCommand: c.String("to-command"), match: c.StringSlice("match"), json: c.Bool("json")}
	o.unpack.FileOptions = mimetool.FileOptions{All: c.Bool("all"), Words: mimetool.WordOptions{Override: c.String("charset")}}
	o.unpack.Hash, o.unpack.DryRun = o.json, c.Bool("n")
	policies := map[string]mimetool.Policy{"rename": mimetool.Rename, "overwrite": mimetool.Overwrite, "skip": mimetool.Skip}
	policy, ok := policies[c.String("existing")]
	if !ok {
		return nil, usageError("%s: -o is rename, overwrite or skip", commandPath(c))
	}
	o.unpack.Exists = policy
	for _, p := range o.match {
		if _, err := path.Match(p, ""); err != nil {
			return nil, usageError("%s: --match %q is not a pattern", commandPath(c), p)
		}
	}
	if o.match != nil {
		o.unpack.Match = o.matches
	}
	var err error
	o.unpack.MaxSize, err = parseOctets(c.String("max-size"))
	if err != nil {
		return nil, usageError("%s: --max-size: %v", commandPath(c), err)
	}
	if o.toCommand != "" && (c.IsSet("dir") || c.IsSet("existing")) {
		return nil, usageError("%s: --to-command writes no files: -d and -o do not go with it", commandPath(c))
	}
	return o, nil
}

// matches says whether a file is like one of the patterns.
func (o *mimeUnpackOptions) matches(f *mimetool.File) bool { return likeOneOf(o.match, f.Name, f.Type) }

// likeOneOf says whether a name or a media type is like one of the patterns: those with a slash are about the type.
func likeOneOf(patterns []string, name, mediaType string) bool {
	name = strings.ReplaceAll(name, "/", "_") // it is no path here
	for _, p := range patterns {
		text := name
		if strings.Contains(p, "/") {
			text = mediaType
		}
		if ok, err := path.Match(strings.ToLower(p), strings.ToLower(text)); ok && err == nil {
			return true
		}
	}
	return false
}

// unpacking is a posta mime unpack at work.
type unpacking struct {
	env      *env
	opt      *mimeUnpackOptions
	place    *imapPlace // of a message that is on a server
	about    int64      // octets of its part, where nothing is fetched
	root     *os.Root
	unpacker *mimetool.Unpacker
	failed   int // commands
	guessed  int // files whose content is a guess, or not whole
}

// open makes the directory and keeps hold of it, so that no link can lead out of it later.
func (u *unpacking) open() error {
	if u.opt.toCommand != "" {
		return nil
	}
	dir := u.opt.dir
	if u.opt.unpack.DryRun {
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			dir = "." // nothing of it is looked at
			u.opt.unpack.Exists = mimetool.Overwrite
		}
	} else if err := os.MkdirAll(dir, 0o777); err != nil {
		return fail(exitCantCreate, "%w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fail(exitCantCreate, "%w", err)
	}
	u.root, u.unpacker = root, mimetool.NewUnpacker(root, u.opt.unpack)
	return nil
}

func (u *unpacking) close() {
	if u.root != nil {
		u.root.Close()
	}
}

// message unpacks one, and says whether there was anything in it.
func (u *unpacking) message(ctx context.Context, m *stream.Message) (found bool, err error) {
	if u.opt.toCommand != "" {
		return u.commands(ctx, m)
	}
	for entry, err := range u.unpacker.UnpackPart(m, u.opt.unpack.Number) {
		if err != nil {
			return found, err
		}
		if u.headerAlone() && entry.Part != u.opt.unpack.Number {
			break
		}
		found = true
		if err := u.entry(m, entry); err != nil || u.headerAlone() {
			return found, err
		}
	}
	return found, nil
}

// headerAlone says whether only the header of a part on a server is there: a dry run does not fetch the content.
func (u *unpacking) headerAlone() bool {
	return u.place != nil && u.opt.unpack.DryRun && u.opt.unpack.Number != ""
}

// unpackedEntry is a line of --json.
type unpackedEntry struct {
	*imapPlace
	File    string `json:"file,omitempty"`
	Message int    `json:"message,omitempty"`
	*mimetool.Entry
}

func (u *unpacking) entry(m *stream.Message, e *mimetool.Entry) error {
	if e.Path != "" {
		e.Path = filepath.Join(u.opt.dir, e.Path)
	}
	if u.headerAlone() {
		e.Size, e.SHA256 = u.about, ""
		if e.Skipped == "" && u.opt.unpack.MaxSize > 0 && e.Size > u.opt.unpack.MaxSize {
			e.Path, e.Skipped = "", "size"
		}
	}
	u.guess(e.Part, e.Name, e.Defects)
	if u.opt.json {
		return u.env.out.JSON(&unpackedEntry{u.place, m.Name, m.Index, e})
	}
	if e.Skipped != "" {
		u.warn("part %s, %q, is left out: %s", e.Part, e.Name, skippedBecause(e.Skipped))
		return nil
	}
	if e.Name != "" && mimetool.SafeName(e.Name) != e.Name {
		u.warn("part %s, %q, is written as %q", e.Part, e.Name, filepath.Base(e.Path))
	}
	return u.env.out.Line(e.Path)
}

// guess tells of a content that could not be decoded for sure: it is there, and the status says that it may be wrong.
func (u *unpacking) guess(part, name string, defects []mimetool.Defect) {
	for _, d := range defects {
		if d.Name == mimetool.DefectUnclosed {
			u.warn("part %s, %q: %s (%s): the message ends in it", part, name, d.Name, d.Ref)
		}
		if d.Guess {
			u.guessed++
			what := "the content is a guess"
			if d.Name == mimetool.DefectExternal {
				what = "the content is elsewhere"
			}
			u.warn("part %s, %q: %s (%s): %s", part, name, d.Name, d.Ref, what)
			return
		}
	}
}

// warn says something about a part, and of which message where that is on a server.
func (u *unpacking) warn(format string, args ...any) {
	if u.place != nil {
		format, args = "message %d, "+format, append([]any{u.place.UID}, args...)
	}
	u.env.warn(format, args...)
}

func skippedBecause(reason string) string {
	switch reason {
	case "exists":
		return "there is a file of that name"
	case "size":
		return "it is larger than --max-size"
	}
	return reason
}
