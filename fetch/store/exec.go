package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Exec gives each message to a command on its standard input. Exit status 0 says that the command has it for good.
//
// The command is started when the message is whole, so that it never sees a part of one. It runs by the shell, in an
// environment without posta's passwords.
type Exec struct {
	command string
	opt     Options
	spool   spool
	buf     []byte
}

// ExitError is what a command said that did not take its message.
type ExitError struct {
	Command string
	Err     error // *exec.ExitError or what kept it from running
}

func (e *ExitError) Error() string { return fmt.Sprintf("%s: %v", e.Command, e.Err) }
func (e *ExitError) Unwrap() error { return e.Err }

// OpenExec gives messages to a command.
func OpenExec(command string, opt Options) (*Exec, error) {
	opt.Environ = withoutSecrets(opt.Environ)
	return &Exec{command: command, opt: opt, buf: make([]byte, 64<<10)}, nil
}

// withoutSecrets is an environment without what posta itself takes secrets from.
func withoutSecrets(environ []string) []string {
	kept := []string{}
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if name != "POSTA_PASSWORD" && name != "POSTA_TOKEN" {
			kept = append(kept, kv)
		}
	}
	return kept
}

// Put runs the command. The receipt is done at once. See Store.
func (e *Exec) Put(ctx context.Context, m *Message) (*Receipt, error) {
	if len(m.Folder) > 0 {
		return nil, writeError(ErrFolders)
	}
	defer e.spool.reset()
	n, err := copyMessage(&e.spool, m, e.opt.LF, e.buf)
	if err != nil {
		return nil, err
	}
	r := &Receipt{Key: m.Key, Size: n, group: newGroup()}
	r.group.receipts = []*Receipt{r}
	if e.opt.Journal != nil {
		if err := e.opt.Journal.Prepare(r.group.receipts); err != nil {
			return nil, writeError(err)
		}
	}
	if err := e.run(ctx); err != nil {
		return nil, writeError(err)
	}
	if e.opt.Journal != nil {
		r.err = writeError(e.opt.Journal.Stored(r.group.receipts))
	}
	close(r.group.done)
	return r, nil
}

func (e *Exec) run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", e.command)
	cmd.Env, cmd.Stdout, cmd.Stderr = e.opt.Environ, e.opt.Stdout, e.opt.Stderr
	cmd.WaitDelay = time.Second
	if e.spool.file != nil {
		if _, err := e.spool.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		cmd.Stdin = e.spool.file
	} else {
		cmd.Stdin = e.spool.reader()
	}
	err := cmd.Run()
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // exit status 0, though its children may still have the pipe
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return &ExitError{e.command, err}
}

// Flush has nothing to do.
func (e *Exec) Flush(context.Context) error { return nil }

// Holds does not know what the command did.
func (e *Exec) Holds(string) (bool, error) { return false, nil }

// Close frees what there is.
func (e *Exec) Close() error {
	e.spool.drop()
	return nil
}
