package main

import (
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"posta/fetch"
	"posta/fetch/store"
	"posta/mimetool/stream"
)

// storeTarget is where fetched messages go, and in which form.
type storeTarget struct {
	command string        // "pop get", for errors
	to      string        // store's spec
	kind    store.Kind    // of it
	format  stream.Format // of standard output; "": one message as it is
	paths   bool          // names of files on standard output
	nul, lf bool
	dryRun  bool
	json    bool
}

// storeTargetFlags are the flags that readStoreTarget reads.
func storeTargetFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "to", Usage: "into `STORE`: maildir:DIR, mbox:FILE, dir:DIR, exec:CMD or -"},
		&cli.StringFlag{Name: "exec", Usage: "to `CMD`, each on its standard input; the same as --to exec:CMD"},
		&cli.StringFlag{Name: "stream", Usage: "print letters as mboxrd, tar or jsonl, or the paths of their files"},
		&cli.BoolFlag{Name: "0", Usage: "the paths of --stream paths end in NUL"},
		&cli.BoolFlag{Name: "lf", Usage: "end lines by LF instead of CRLF"},
		&cli.BoolFlag{Name: "n", Usage: "print what would be done"},
	}
}

// readStoreTarget reads the flags of storeTargetFlags. One says that a single message is asked for, which goes to standard
// output where nothing else is said.
func readStoreTarget(c *cli.Context, one bool) (*storeTarget, error) {
	t := &storeTarget{command: commandPath(c), nul: c.Bool("0"), lf: c.Bool("lf"), dryRun: c.Bool("n"), json: c.Bool("json")}
	if err := t.readStream(c.String("stream")); err != nil {
		return nil, err
	}
	if err := t.readStore(c.String("to"), c.String("exec"), one); err != nil {
		return nil, err
	}
	return t, t.check()
}

func (t *storeTarget) readStream(name string) error {
	if name == "" {
		return nil
	}
	format, err := stream.ParseFormat(name)
	switch {
	case err != nil || format == stream.Mboxo || format == stream.Mboxcl2:
		return usageError("%s: --stream is mboxrd, tar, jsonl or paths, not %q", t.command, name)
	case format == stream.Paths:
		t.paths = true
	default:
		t.format = format
	}
	return nil
}

func (t *storeTarget) readStore(to, command string, one bool) (err error) {
	if command != "" {
		if to != "" {
			return usageError("%s: --exec and --to exclude each other", t.command)
		}
		to = "exec:" + command
	}
	if to == "" {
		if t.format == "" && !one && !t.dryRun {
			return usageError("%s: say where letters go, by --to or --stream", t.command)
		}
		to = "-"
	}
	t.to = to
	if t.kind, _, err = store.ParseSpec(to); err != nil {
		return usageError("%s: --to: %w", t.command, err)
	}
	return nil
}

// check refuses what does not go together.
func (t *storeTarget) check() error {
	switch {
	case t.paths && t.kind != store.KindMaildir && t.kind != store.KindDir:
		return usageError("%s: --stream paths goes with --to maildir:DIR or dir:DIR", t.command)
	case t.nul && !t.paths:
		return usageError("%s: -0 goes with --stream paths", t.command)
	case t.format != "" && t.kind != store.KindStream:
		return usageError("%s: --stream %s goes with --to -", t.command, t.format)
	case t.json && (t.kind == store.KindStream || t.paths) && !t.dryRun:
		return usageError("%s: --json does not go with letters or paths on standard output", t.command)
	}
	return nil
}

// raw says whether one message goes to standard output as it is.
func (t *storeTarget) raw() bool { return t.kind == store.KindStream && t.format == "" }

// options are those of the store.
func (t *storeTarget) options(e *env, conn *connection, journal store.Journal) store.Options {
	return store.Options{
		LF: t.lf, Format: t.format, Now: e.now, Journal: journal,
		Environ: conn.environ(), Stdout: e.stdout, Stderr: e.stderr,
	}
}

// printPath prints the path of a stored message's file, where that was asked for.
func (t *storeTarget) printPath(e *env, path string) error {
	if !t.paths {
		return nil
	}
	if t.nul {
		e.out.end = 0
	}
	return e.out.Line(path)
}

// statePath is where the state of a source is. There is none yet when it is only looked at (-n) and path is "".
func (t *storeTarget) statePath(e *env, source string) (path string, err error) {
	path, err = fetch.StatePath(t.to, source, stateDir(e))
	if err != nil {
		return "", fail(exitConfig, "%w (set HOME or XDG_STATE_HOME)", err)
	}
	if t.dryRun {
		if _, err := os.Stat(path); err != nil {
			return "", nil
		}
	}
	return path, nil
}

// stateDir is where the states of commands and streams are, "" for nowhere.
func stateDir(e *env) string {
	if dir := e.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "posta")
	}
	if home := e.getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "posta")
	}
	return ""
}
