package bench

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"posta/internal/realserver"
)

// runner is a program that does the job of a benchmark.
type runner struct {
	name string // "posta", or the peer's
	argv []string
	env  []string
	in   []byte
	out  string // the file that its standard output is, if any

	before func() // makes ready what the last run used up
	done   func() error
}

// race has each runner do the job b.N times, in turn. A done that complains fails the benchmark: what has not done the job
// has no time. With a wire the turns of each are counted.
func race(b *testing.B, w *wire, runners ...*runner) {
	b.Helper()
	runners = slices.DeleteFunc(runners, func(r *runner) bool { return !r.installed() })
	took := map[string][]time.Duration{}
	turns := map[string]int{}
	for b.Loop() {
		for _, r := range runners {
			if r.before != nil {
				r.before()
			}
			if w != nil {
				w.reset()
			}
			took[r.name] = append(took[r.name], r.run(b))
			if w != nil {
				turns[r.name] = w.turns()
			}
		}
	}
	best := time.Duration(0)
	for _, r := range runners {
		m := median(took[r.name])
		b.ReportMetric(m.Seconds(), r.name+"-s")
		if w != nil {
			b.ReportMetric(float64(turns[r.name]), r.name+"-turns")
		}
		if r.name != "posta" && (best == 0 || m < best) {
			best = m
		}
	}
	if best > 0 {
		b.ReportMetric(median(took["posta"]).Seconds()/best.Seconds(), "posta/best-peer")
	}
	b.ReportMetric(0, "ns/op") // of all together it means nothing
}

func (r *runner) installed() bool {
	if filepath.IsAbs(r.argv[0]) {
		return true
	}
	path, ok := realserver.Look(r.argv[0])
	if ok {
		r.argv[0] = path
	}
	return ok
}

func (r *runner) run(b *testing.B) time.Duration {
	b.Helper()
	cmd := exec.Command(r.argv[0], r.argv[1:]...)
	cmd.Env = append(r.env, "PATH="+os.Getenv("PATH"), "LC_ALL=C.UTF-8")
	if r.in != nil {
		cmd.Stdin = bytes.NewReader(r.in)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if r.out != "" {
		f, err := os.Create(r.out)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		cmd.Stdout = f
	}
	begin := time.Now()
	err := cmd.Run()
	took := time.Since(begin)
	if err == nil && r.done != nil {
		err = r.done()
	}
	if err != nil {
		b.Fatalf("%q: %v\n%.1000s", r.argv, err, said.String())
	}
	return took
}

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// scratch is a folder for the time of all benchmarks.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "posta-bench"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(scratch)
	os.Exit(status)
}

// built is posta as README.md has it built.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "posta")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "posta/cmd/posta")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

// posta is a runner of it.
func posta(b *testing.B, args ...string) *runner {
	b.Helper()
	path, err := built()
	if err != nil {
		b.Fatal(err)
	}
	return &runner{name: "posta", argv: append([]string{path}, args...), env: []string{"POSTA_CONFIG=/dev/null", "POSTA_PASSWORD=secret", "HOME=" + b.TempDir()}}
}

// peer is a runner of another program.
func peer(b *testing.B, name string, argv ...string) *runner {
	return &runner{name: name, argv: argv, env: []string{"HOME=" + b.TempDir()}}
}
