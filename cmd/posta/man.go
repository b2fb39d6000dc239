package main

import (
	"os"
	"os/exec"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/man"
)

func newManCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "man",
		Usage:     "show a manual page; without an argument posta(1)",
		ArgsUsage: "[PAGE|COMMAND]",
		Action:    func(c *cli.Context) error { return runMan(c, e) },
	}
}

func runMan(c *cli.Context, e *env) error {
	name, page, err := findPage(c.Args().Slice())
	if err != nil {
		return err
	}
	if viewer := manViewer(); viewer != nil && e.out.tty {
		return viewPage(c, e, viewer, name, page)
	}
	_, err = e.out.Write(page)
	return err
}

// findPage finds "posta-send.1" by "send", "posta-send", "posta-send.1" or "posta send".
func findPage(args []string) (name string, page []byte, err error) {
	want := strings.Join(args, "-")
	if want == "" {
		want = "posta"
	}
	for _, name := range man.Names() {
		base := name[:strings.LastIndexByte(name, '.')]
		if want == name || want == base || "posta-"+want == base || "posta."+want == base {
			page, err = man.Page(name)
			return name, page, err
		}
	}
	return "", nil, usageError("no manual page %q; there are %s", want, strings.Join(man.Names(), ", "))
}

// manViewer is the command that shows an mdoc page on a terminal, nil where there is none.
func manViewer() []string {
	for _, argv := range [][]string{{"man", "-l"}, {"mandoc", "-a"}} {
		if path, err := exec.LookPath(argv[0]); err == nil {
			return []string{path, argv[1]}
		}
	}
	return nil
}

// viewPage hands the page to the viewer as a file, since not every man reads standard input.
func viewPage(c *cli.Context, e *env, viewer []string, name string, page []byte) error {
	dir, err := os.MkdirTemp("", "posta-man")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := dir + "/" + name
	if err := os.WriteFile(file, page, 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(c.Context, viewer[0], append(viewer[1:], file)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.stdin, e.stdout, e.stderr
	return cmd.Run()
}
