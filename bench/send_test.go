package bench

import (
	"net"
	"testing"

	"posta/internal/realserver"
)

// BenchmarkSend sends a letter of 2 KiB, one of 50 MB, and the small one at a round trip of 50 ms.
func BenchmarkSend(b *testing.B) {
	addr := realserver.StartSMTPSink(b)
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
