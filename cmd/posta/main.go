// Command posta is a mail toolkit of small subcommands over standard input and output.
//
// Each command path has a file of its own with a constructor, an options struct and a run function; app.go lists
// them, exit.go turns an error into the exit status, output.go knows the terminal.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// memoryLimit is where the garbage collector begins to work harder, so that what a hostile message makes the program
// hold for a moment stays below 64 MiB. The environment's GOMEMLIMIT goes before it.
const memoryLimit = 40 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default action is back, so that a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, newEnv(), os.Args))
}

// env is what a command may touch of the process. The streams are handed in, so that a test can hand in others.
type env struct {
	stdin  io.Reader // an *os.File where it is one: a regular file can be read twice
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string
	now    func() time.Time
	out    *output // standard output as commands write to it

	pause func(context.Context, time.Duration) error // nil: by the clock
}

// wait waits for a time, or until ctx ends, whose error it returns.
func (e *env) wait(ctx context.Context, d time.Duration) error {
	if e.pause != nil {
		return e.pause(ctx, d)
	}
	return pause(ctx, d)
}

func newEnv() *env {
	e := &env{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now}
	e.out = newOutput(e)
	return e
}

// run is the whole program: it parses args (args[0] is the program's name), does the command and returns the exit status.
func run(ctx context.Context, e *env, args []string) (status int) {
	defer func() {
		if p := recover(); p != nil {
			status = e.bug(p)
		}
	}()
	err := runApp(ctx, e, args)
	if flushErr := e.out.Flush(); flushErr != nil && (err == nil || isSilent(err)) {
		err = flushErr
	}
	return e.report(ctx, err)
}
