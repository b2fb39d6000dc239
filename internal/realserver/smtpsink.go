package realserver

import (
	"os"
	"os/exec"
	"testing"
)

// StartSMTPSink starts Postfix's server that takes all and keeps nothing, and returns its address.
func StartSMTPSink(t testing.TB) (addr string) {
	t.Helper()
	program := Find(t, "smtp-sink")
	h, addr := NewHost(t, "smtp-sink", "nobody"), FreeAddress(t)
	args := []string{addr, "100"}
	if os.Geteuid() == 0 {
		args = append([]string{"-u", h.Owner.Username}, args...)
	}
	h.Start(t, exec.Command(program, args...), addr)
	return addr
}
