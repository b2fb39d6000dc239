package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"posta/internal/dialer"
)

// testEnv is an env whose streams are buffers.
func testEnv(stdin string) (e *env, stdout, stderr *bytes.Buffer) {
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	e = &env{
		stdin: strings.NewReader(stdin), stdout: stdout, stderr: stderr,
		getenv: func(string) string { return "" }, now: time.Now,
	}
	e.out = newOutput(e)
	return e, stdout, stderr
}

func TestUsageErrors(t *testing.T) {
	for _, tc := range []struct {
		args string
		want string // on standard error
	}{
		{"", "needs a command"},
		{"versoin", `nearest: "version"`},
		{"sned -s Subject ann@example.org", `no command "sned" (nearest: "send"`},
		{"imap serach -a work --json seen", `no command "imap serach" (nearest: "imap search"`},
		{"--wrong", "-wrong"},
		{"version --wrong", "posta version --help"},
		{"man no-such-page", "no manual page"},
	} {
		e, stdout, stderr := testEnv("")
		status := run(context.Background(), e, append([]string{"posta"}, strings.Fields(tc.args)...))
		if status != exitUsage || stdout.Len() > 0 {
			t.Errorf("posta %s: status %d, standard output %q; want 64 and nothing", tc.args, status, stdout)
		}
		if s := stderr.String(); !strings.HasPrefix(s, "posta: ") || !strings.Contains(s, tc.want) || strings.Count(s, "\n") != 1 {
			t.Errorf("posta %s: standard error %q; want one line with %q", tc.args, s, tc.want)
		}
	}
}

func TestHelpIsData(t *testing.T) {
	for _, args := range [][]string{{"posta", "--help"}, {"posta", "man", "--help"}} {
		e, stdout, stderr := testEnv("")
		if status := run(context.Background(), e, args); status != exitOK || stderr.Len() > 0 || stdout.Len() == 0 {
			t.Errorf("%q: status %d, standard output %d octets, standard error %q", args, status, stdout.Len(), stderr)
		}
	}
}

func TestHelpIsAskedForByAFlagAlone(t *testing.T) {
	for args, want := range map[string]bool{
		"man --help":            true,
		"man send -h":           true,
		"man -- --help":         false,
		"send -s --help a@b.c":  false,
		"sandbox run ls --help": false,
		"sandbox run --help":    true,
	} {
		e, _, _ := testEnv("")
		_, _, ok := wantsHelp(newApp(e, nil), append([]string{"posta"}, strings.Fields(args)...))
		if ok != want {
			t.Errorf("posta %s: help %v, want %v", args, ok, want)
		}
	}
}

func TestPermute(t *testing.T) {
	app := &cli.App{
		Flags: []cli.Flag{&cli.BoolFlag{Name: "version"}},
		Commands: []*cli.Command{
			{Name: "send", Flags: []cli.Flag{
				&cli.StringFlag{Name: "subject", Aliases: []string{"s"}},
				&cli.BoolFlag{Name: "n"},
			}},
			{Name: "box", Flags: []cli.Flag{&cli.StringFlag{Name: "dir"}}, Subcommands: []*cli.Command{
				{Name: "run", ArgsUsage: "CMD [ARG...]", Flags: []cli.Flag{&cli.BoolFlag{Name: "q"}}},
				{Name: "flag", ArgsUsage: "+FLAG|-FLAG... UID...", Flags: []cli.Flag{
					&cli.StringFlag{Name: "folder", Aliases: []string{"f"}}, &cli.BoolFlag{Name: "n"},
				}},
			}},
		},
	}
	app.Commands = append(app.Commands, &cli.Command{
		Name: "look", ArgsUsage: "[DOMAIN...]", Flags: []cli.Flag{&cli.BoolFlag{Name: "json"}},
		Subcommands: []*cli.Command{{Name: "at", Flags: []cli.Flag{&cli.BoolFlag{Name: "json"}}}},
	})
	for _, tc := range []struct{ in, want string }{
		{"send a b", "send -- a b"},
		{"send a -n b --subject x c", "send -n --subject x -- a b c"},
		{"send a -s=x -- -n", "send -s=x -- a -n"},
		{"send -s -n a", "send -s -n -- a"},
		{"send -", "send -- -"},
		{"send a send", "send -- a send"},
		{"box --dir d run -q sh -c x", "box --dir d run -q -- sh -c x"},
		{"box run -- sh -q", "box run -- sh -q"},
		{"box flag +seen -flagged 7", "box flag -- +seen -flagged 7"},
		{"box flag -flagged -f x -n 7", "box flag -f x -n -- -flagged 7"},
		{"box flag -folder=x -- -n 7", "box flag -folder=x -- -n 7"},
		{"box flag --flagged 7", "box flag --flagged -- 7"},
		{"--version", "--version"},
		{"nothing -n x", "-- nothing"}, // a misspelt one is told as such
		{"box nothing -n x", "box -- nothing"},
		{"look a --json", "look --json -- a"},
		{"look at --json a", "look at --json -- a"},
	} {
		got := permute(app, append([]string{"posta"}, strings.Fields(tc.in)...))[1:]
		if !slices.Equal(got, strings.Fields(tc.want)) {
			t.Errorf("permute(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestCommandsAreCalledByTheirNames(t *testing.T) {
	e, _, _ := testEnv("")
	for _, c := range commands() {
		if got := c.make(e).Name; got != c.name {
			t.Errorf("%q is made for %q", got, c.name)
		}
		if got := needed(e, []string{"posta", c.name}); c.name != "completion" && len(got) != 1 {
			t.Errorf("posta %s makes %d commands", c.name, len(got))
		}
	}
}

func TestStatusOf(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{usageError("x"), 64},
		{silent(exitPartial), 3},
		{context.Canceled, 130},
		{context.DeadlineExceeded, 75},
		{os.ErrNotExist, 66},
		{io.ErrUnexpectedEOF, 65}, // of a message
		{&dialer.Error{Op: "read from", Kind: dialer.Network, Err: io.ErrUnexpectedEOF}, 75},
		{errors.New("read: broken"), 74},
	} {
		if got := statusOf(tc.err); got != tc.want {
			t.Errorf("statusOf(%v) = %d, want %d", tc.err, got, tc.want)
		}
	}
}

func TestPanicIsABug(t *testing.T) {
	e, _, stderr := testEnv("")
	e.out = nil // every write panics
	if status := run(context.Background(), e, []string{"posta", "version"}); status != exitSoftware {
		t.Errorf("status %d, want 70", status)
	}
	if !strings.Contains(stderr.String(), "posta: this is a bug: ") {
		t.Errorf("standard error %q", stderr)
	}
}
