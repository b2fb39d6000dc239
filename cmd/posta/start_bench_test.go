package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkColdStart starts "posta version" and an empty Go program in turn: "ratio" is posta's time to the other's.
//
//	go test -run - -bench ColdStart -benchtime 200x ./cmd/posta
func BenchmarkColdStart(b *testing.B) {
	dir := b.TempDir()
	empty := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(empty, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	posta, nothing := build(b, dir, "posta", "."), build(b, dir, "nothing", empty)
	var ours, theirs time.Duration
	for b.Loop() {
		ours += once(b, posta, "version")
		theirs += once(b, nothing)
	}
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/posta")
	b.ReportMetric(float64(theirs.Microseconds())/float64(b.N), "µs/empty")
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
}

func build(b *testing.B, dir, name, pkg string) string {
	b.Helper()
	out := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-o", out, pkg)
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
