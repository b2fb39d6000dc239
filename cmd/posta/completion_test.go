package main

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"
)

func completion(t *testing.T, shell string) string {
	t.Helper()
	e, stdout, stderr := testEnv("")
	if status := run(context.Background(), e, []string{"posta", "completion", shell}); status != exitOK {
		t.Fatalf("completion %s: status %d, %s", shell, status, stderr)
	}
	return stdout.String()
}

// TestBashCompletion completes in a real bash.
func TestBashCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	script := completion(t, "bash") + `
COMP_WORDS=(posta comp); COMP_CWORD=1; _posta; echo "${COMPREPLY[*]}"
COMP_WORDS=(posta version --h); COMP_CWORD=2; _posta; echo "${COMPREPLY[*]}"
`
	cmd := exec.Command(bash, "--norc")
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if want := "completion\n--help\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v; want %q", out, err, want)
	}
}

func TestCompletionScriptsNameEveryCommand(t *testing.T) {
	e, _, _ := testEnv("")
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script := completion(t, shell)
		for _, cmd := range newApp(e, nil).Commands {
			if !bytes.Contains([]byte(script), []byte(cmd.Name)) {
				t.Errorf("%s: no %s", shell, cmd.Name)
			}
		}
	}
}
