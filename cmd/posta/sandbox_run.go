package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"posta/internal/sandbox"
)

// Exit statuses of a command that could not be run, as the shell and env(1) have them.
const (
	exitCannotRun = 126
	exitNotFound  = 127
	exitSignalled = 128 // and the signal's number
)

func newSandboxRunCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run a command with a sandbox of its own, and end with its exit status",
		ArgsUsage: "[--] CMD [ARG...]",
		Flags:     sandboxFlags(),
		Action:    func(c *cli.Context) error { return runSandboxRun(c, e) },
	}
}

func runSandboxRun(c *cli.Context, e *env) error {
	if !c.Args().Present() {
		return usageError("sandbox run: needs a command")
	}
	opt, err := sandboxOptions(c)
	if err != nil {
		return err
	}
	// Not c.Context: the command decides what a signal ends. None may keep the sandbox from cleaning up.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, forwarded...)
	defer signal.Stop(signals)
	sb, err := sandbox.Start(context.Background(), opt)
	if err != nil {
		return fail(exitUnavailable, "%w", err)
	}
	defer sb.Close()
	cmd, err := sandboxed(e, sb, c.Args().Slice())
	if err != nil {
		return err
	}
	err = runForwarding(cmd, signals, isTerminal(e.stdin))
	if closeErr := sb.Close(); err == nil {
		err = closeErr
	}
	return err
}

// sandboxed is argv with the sandbox in its environment, and with posta first on its PATH.
func sandboxed(e *env, sb *sandbox.Sandbox, argv []string) (*exec.Cmd, error) {
	bin, err := linkPrograms(sb.TempDir())
	if err != nil {
		return nil, err
	}
	name := argv[0]
	if own := filepath.Join(bin, programFile(name)); filepath.Base(name) == name && isFile(own) {
		name = own
	}
	cmd := exec.Command(name, argv[1:]...)
	cmd.Args[0] = argv[0]
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.stdin, e.stdout, e.stderr
	cmd.Env = append(withoutPosta(os.Environ()), sb.Environ()...)
	cmd.Env = append(cmd.Env, "PATH="+bin+string(os.PathListSeparator)+e.getenv("PATH"))
	return cmd, nil
}

// withoutPosta is an environment without the user's own POSTA_* variables: none of them may lead a test to a real server.
func withoutPosta(environ []string) []string {
	kept := environ[:0:0]
	for _, kv := range environ {
		if !strings.HasPrefix(kv, "POSTA_") {
			kept = append(kept, kv)
		}
	}
	return kept
}

// linkPrograms makes a directory in which this program is, under each name that it answers to.
func linkPrograms(dir string) (bin string, err error) {
	bin = filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	link := os.Symlink
	if runtime.GOOS == "windows" { // symbolic links need a privilege there
		link = os.Link
	}
	return bin, link(self, filepath.Join(bin, programFile("posta")))
}

func programFile(name string) string {
	if runtime.GOOS == "windows" && filepath.Ext(name) == "" {
		return name + ".exe"
	}
	return name
}

func isFile(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.Mode().IsRegular()
}

// runForwarding runs cmd, hands it the signals that come, and returns its exit status as an error.
func runForwarding(cmd *exec.Cmd, signals <-chan os.Signal, terminal bool) error {
	// A thread that ends would be the parent's death to the command (dieWithParent).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return cannotRun(cmd, err)
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case sig := <-signals:
				// On a terminal Ctrl-C goes to the command too, by itself.
				if !terminal || sig != os.Interrupt {
					cmd.Process.Signal(sig)
				}
			case <-ended:
				return
			}
		}
	}()
	return childStatus(cmd.Wait())
}

// cannotRun is the error of a command that did not start.
func cannotRun(cmd *exec.Cmd, err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return fail(exitNotFound, "sandbox run: %w", err)
	}
	return fail(exitCannotRun, "sandbox run: %s: %w", cmd.Args[0], err)
}

// childStatus is a command's exit status, with the shell's convention for signals.
func childStatus(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return silent(exitSignalled + int(ws.Signal()))
	}
	return silent(exit.ExitCode())
}
