package main

import (
	"context"
	"strings"
	"testing"

	"posta/mimetool"
)

// A header beyond the limit is a bad message, though what is asked for is found: the value may be cut short.
func TestMimeHeaderBeyondLimit(t *testing.T) {
	for _, flag := range []string{"-d", "--addr", "--json"} {
		e, stdout, stderr := testEnv("To: a@example.org\nSubject: " + strings.Repeat("x", mimetool.DefaultHeader) + "\n\n")
		status := run(context.Background(), e, []string{"posta", "mime", "header", flag, "To"})
		if status != exitDataErr || !strings.Contains(stdout.String(), "a@example.org") {
			t.Errorf("%s: status %d, standard output %q; want 65 and the address", flag, status, stdout)
		}
		if want := "octets in a header"; !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: standard error %q; want %q in it", flag, stderr, want)
		}
	}
}
