package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkColdStart starts "posta version", an empty Go program, and one that only links TLS, in turn. What a program
// with TLS costs before main is the least that posta can cost.
//
//	go test -run - -bench ColdStart -benchtime 200x ./cmd/posta
func BenchmarkColdStart(b *testing.B) {
	dir := b.TempDir()
	posta := build(b, dir, "posta", ".")
	empty := build(b, dir, "empty", program(b, dir, "empty.go", "package main\n\nfunc main() {}\n"))
	tls := build(b, dir, "tls", program(b, dir, "tls.go", "package main\n\nimport _ \"crypto/tls\"\n\nfunc main() {}\n"))
	var ours, least, withTLS time.Duration
	for b.Loop() {
		ours += once(b, posta, "version")
		least += once(b, empty)
		withTLS += once(b, tls)
	}
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/posta")
	b.ReportMetric(float64(least.Microseconds())/float64(b.N), "µs/empty")
	b.ReportMetric(float64(withTLS.Microseconds())/float64(b.N), "µs/tls")
	b.ReportMetric(float64(ours)/float64(least), "posta/empty")
	b.ReportMetric(float64(ours)/float64(withTLS), "posta/tls")
}

// program writes the source of a Go program.
func program(b *testing.B, dir, name, text string) string {
	b.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

func build(b *testing.B, dir, name, pkg string) string {
	b.Helper()
	out := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build %s: %v\n%s", pkg, err, text)
	}
	return out
}

func once(b *testing.B, argv ...string) time.Duration {
	b.Helper()
	begin := time.Now()
	if err := exec.Command(argv[0], argv[1:]...).Run(); err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}
