package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// A pipe that nobody writes to any more does not keep a command from ending, and what came of a message before the
// interruption is not taken for a whole one, be the pipe closed then or not.
func TestMimeInterrupted(t *testing.T) {
	const message = "Content-Disposition: attachment; filename=a.txt\n\nhalf a file\n"
	for _, args := range []string{
		"tree", "json", "json --text", "text", "lint", "part 1", "unpack -d DIR", "unpack --all --json -d DIR", "pack", "join", "join --digest",
		"set -H X:y", "strip -H X", "encode qp", "decode qp", "split --size 1K -d DIR", "tree --stream tar",
	} {
		interrupted(t, args, message, true)
		interrupted(t, args, message, false)
	}
}

// interrupted runs a command and interrupts it, before it begins or when it has read what there is.
func interrupted(t *testing.T, args, message string, before bool) {
	t.Run(fmt.Sprint(args, " ", before), func(t *testing.T) {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		defer out.Close()
		if _, err := out.WriteString(message); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		e, _, stderr := testEnv("")
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		e.stdin = &interruptAt{Reader: newInterruptible(ctx, in), cancel: cancel}
		if before {
			e.stdin = in
			cancel()
		}
		argv := append([]string{"posta", "mime"}, strings.Fields(strings.ReplaceAll(args, "DIR", dir))...)
		if status := run(ctx, e, argv); status != exitInterrupted || stderr.String() != "posta: interrupted\n" {
			t.Errorf("exit status %d, %q", status, stderr)
		}
		if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
			t.Errorf("%v %v", list, err)
		}
	})
}

// interruptAt interrupts when the first octets are read.
type interruptAt struct {
	Reader interface{ Read(p []byte) (int, error) }
	cancel func()
}

func (i *interruptAt) Read(p []byte) (int, error) {
	n, err := i.Reader.Read(p)
	i.cancel()
	return n, err
}
