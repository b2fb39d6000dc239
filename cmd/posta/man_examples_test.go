package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"posta/internal/sandbox"
	"posta/man"
)

// TestManExamples runs the examples of the manual pages as a user would who pastes them into a shell: in a directory
// with the files of testdata/examples.txtar, with a sandbox as the default account. An example that needs a server of
// its own, or a terminal, stands below a comment line .\" not run: and the reason.
func TestManExamples(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no sh")
	}
	for _, name := range man.Names() {
		if strings.HasSuffix(name, ".1") {
			t.Run(name, func(t *testing.T) { runExamples(t, examples(readPage(t, name).text)) })
		}
	}
}

func runExamples(t *testing.T, blocks []string) {
	sb, err := sandbox.Start(context.Background(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer sb.Close()
	for _, block := range blocks {
		dir := t.TempDir()
		layOut(t, dir)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		cmd := exec.CommandContext(ctx, "sh", "-eu", "-c", block+endBackground)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append(sb.Environ(), "HOME="+dir, "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))...)
		cmd.WaitDelay = time.Second // an example may leave something running, which ends with the sandbox's parent
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil && !strings.Contains(err.Error(), "WaitDelay") {
			t.Errorf("%v:\n%s\n-- it said:\n%s", err, block, &out)
		}
		cancel()
		clean(t, sb)
	}
}

// endBackground ends what an example leaves running beside the shell.
const endBackground = `
[ -z "${!-}" ] || kill "$!"
`

// clean takes back what an example did to the sandbox.
func clean(t *testing.T, sb *sandbox.Sandbox) {
	t.Helper()
	for _, args := range [][]string{{"reset"}, {"fail", "--clear"}} {
		cmd := exec.Command("posta", append([]string{"sandbox"}, args...)...)
		cmd.Env = append(os.Environ(), sb.Environ()...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("posta sandbox %s: %v\n%s", args[0], err, out)
		}
	}
}

// layOut makes the files that examples speak of.
func layOut(t *testing.T, dir string) {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/examples.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		name := filepath.Join(dir, f.Name)
		mode := os.FileMode(0o600)
		if bytes.HasPrefix(f.Data, []byte("#!")) {
			mode = 0o700
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, mode); err != nil {
			t.Fatal(err)
		}
	}
}

// examples are the literal blocks of a page's EXAMPLES, but for those that say why they are not run.
func examples(page string) []string {
	_, section, _ := strings.Cut(page, "\n.Sh EXAMPLES\n")
	section, _, _ = strings.Cut(section, "\n.Sh ")
	var blocks []string
	for {
		before, rest, found := strings.Cut(section, ".Bd -literal")
		if !found {
			return blocks
		}
		block, after, _ := strings.Cut(rest, "\n.Ed")
		_, block, _ = strings.Cut(block, "\n")
		lines := strings.Split(strings.TrimSpace(before), "\n")
		if !strings.HasPrefix(lines[len(lines)-1], `.\" not run: `) {
			blocks = append(blocks, unroff.Replace(block))
		}
		section = after
	}
}

// unroff undoes the escapes that a literal block needs.
var unroff = strings.NewReplacer(`\&`, "", `\e`, `\`, `\(aq`, "'", `\(dq`, `"`, `\(ti`, "~", `\(ha`, "^", `\(ga`, "`", `\-`, "-")
