package bench

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"posta/internal/realserver"
)

// domains is a zone of n domains with three hosts each, and their names, one a line.
func domains(n int) (zone string, names []byte) {
	var z strings.Builder
	var list bytes.Buffer
	z.WriteString("$ORIGIN bench.\n$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\n")
	for i := range n {
		fmt.Fprintf(&z, "d%d MX 20 b\nd%d MX 10 a\nd%d MX 30 c\n", i, i, i)
		fmt.Fprintf(&list, "d%d.bench\n", i)
	}
	return z.String(), list.Bytes()
}

// lines complains unless a file has so many.
func lines(path string, n int) func() error {
	return func() error {
		text, err := os.ReadFile(path)
		if got := bytes.Count(text, []byte("\n")); err == nil && got != n {
			err = fmt.Errorf("%d lines, want %d", got, n)
		}
		return err
	}
}

// BenchmarkMX looks up 5,000 domains, and one.
func BenchmarkMX(b *testing.B) {
	const n = 5000
	zone, names := domains(n)
	addr := realserver.StartNSD(b, "bench", zone)
	host, port, _ := net.SplitHostPort(addr)
	for _, job := range []struct {
		name  string
		names []byte
		n     int
	}{{"5000", names, n}, {"one", []byte("d7.bench\n"), 1}} {
		b.Run(job.name, func(b *testing.B) {
			dir := b.TempDir()
			if err := os.WriteFile(dir+"/names", job.names, 0o600); err != nil {
				b.Fatal(err)
			}
			posta := posta(b, "mx", "--resolver", addr)
			posta.in, posta.out, posta.done = job.names, dir+"/posta", lines(dir+"/posta", 3*job.n)
			dig := peer(b, "dig", "dig", "@"+host, "-p", port, "+noall", "+answer", "-t", "mx", "-f", dir+"/names")
			dig.out, dig.done = dir+"/dig", lines(dir+"/dig", 3*job.n)
			kdig := peer(b, "kdig", append([]string{"kdig", "@" + host, "-p", port, "+short", "-t", "mx"}, strings.Fields(string(job.names))...)...)
			kdig.out, kdig.done = dir+"/kdig", lines(dir+"/kdig", 3*job.n)
			race(b, nil, posta, dig, kdig)
		})
	}
}
