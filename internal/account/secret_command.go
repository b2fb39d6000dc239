package account

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	commandTimeout = 30 * time.Second
	commandGrace   = time.Second // for a child that keeps the command's output open after it has ended
	maxComplaint   = 4 << 10     // octets of standard error that are kept
)

// runCommand runs argv and returns the first line that it prints. Standard input is empty, so that it cannot read
// the letter, and secrets of ours do not go into its environment.
func runCommand(ctx context.Context, argv []string) (string, error) {
	return runCommandFor(ctx, argv, commandTimeout)
}

func runCommandFor(ctx context.Context, argv []string, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = WithoutSecrets(os.Environ())
	cmd.WaitDelay = commandGrace
	var out, complaint bounded
	out.max, complaint.max = maxSecret+1, maxComplaint
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("command %s: no answer in %v%s", argv[0], limit, complaint.said())
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return "", fmt.Errorf("command %s: %w%s", argv[0], err, complaint.said())
	}
	secret, err := firstLine(&out)
	if err != nil {
		return "", fmt.Errorf("command %s: what it prints: %w%s", argv[0], err, complaint.said())
	}
	return secret, nil
}

// WithoutSecrets is an environment for other programs: without POSTA_PASSWORD, POSTA_TOKEN, and the variables named
// besides. It changes environ.
func WithoutSecrets(environ []string, names ...string) []string {
	names = append(names, "POSTA_PASSWORD", "POSTA_TOKEN")
	return slices.DeleteFunc(environ, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return name != "" && slices.Contains(names, name)
	})
}

// bounded keeps the first max octets that are written to it.
type bounded struct {
	bytes.Buffer
	max int
}

func (b *bounded) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), b.max-b.Len())])
	return len(p), nil
}

// said is the command's own complaint, to be appended to an error.
func (b *bounded) said() string {
	if s := strings.TrimSpace(b.String()); s != "" {
		return ": " + s
	}
	return ""
}
