//go:build unix

package imap

import (
	"testing"

	"posta/internal/realserver"
)

func startCyrus(t testing.TB) *host {
	t.Helper()
	h := realserver.StartCyrus(t)
	return &host{h.Host, h.IMAP, "INBOX.", '.'}
}

// TestCyrus goes through what clients do, with a server that is not Dovecot.
func TestCyrus(t *testing.T) {
	h := startCyrus(t)
	h.logins(t, "PLAIN", "LOGIN")
	h.suite(t)
}
