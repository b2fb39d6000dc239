package bench

import (
	"net"
	"os"
	"os/exec"
	"testing"

	"posta/internal/realserver"
)

// sink is Postfix's server that takes all and keeps nothing.
func sink(b *testing.B) (addr string) {
	b.Helper()
	program := realserver.Find(b, "smtp-sink")
	h, addr := realserver.NewHost(b, "smtp-sink", "nobody"), realserver.FreeAddress(b)
	args := []string{addr, "100"}
	if os.Geteuid() == 0 {
		args = append([]string{"-u", h.Owner.Username}, args...)
	}
	h.Start(b, exec.Command(program, args...), addr)
	return addr
}

// BenchmarkSend sends a letter of 2 KiB, one of 50 MB, and the small one at a round trip of 50 ms.
func BenchmarkSend(b *testing.B) {
	addr := sink(b)
	far := stretch(b, addr, roundTrip)
	for _, job := range []struct {
		name   string
		addr   string
		wire   *wire
		octets int
	}{{"small", addr, nil, 2 << 10}, {"50MB", addr, nil, 50_000_000}, {"far", far.addr, far, 2 << 10}} {
		b.Run(job.name, func(b *testing.B) {
			host, port, _ := net.SplitHostPort(job.addr)
			posta := posta(b, "send", "-a", "smtp://"+job.addr, "-f", "ann@example.org", "ops@example.org")
			posta.in = letter(1, job.octets)
			msmtp := peer(b, "msmtp", "msmtp", "--host="+host, "--port="+port, "--from=ann@example.org", "--file=/dev/null", "ops@example.org")
			msmtp.in = posta.in
			race(b, job.wire, posta, msmtp)
		})
	}
}
