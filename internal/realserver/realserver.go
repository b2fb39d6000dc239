// Package realserver starts the servers of others for tests and benchmarks: Dovecot, Cyrus and NSD whole, and what any further
// one needs. Each has a configuration, a folder and ports of its own on loopback, needs no root, and ends with its test.
//
// A server that is not installed skips the test, but fails it where POSTA_REAL_SERVERS is "require".
package realserver

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Find is the path of a program, also of one that is on the PATH of root alone. See Absent.
func Find(t testing.TB, program string) string {
	t.Helper()
	path, ok := Look(program)
	if !ok {
		Absent(t, program+" is not installed")
	}
	return path
}

// Look is Find for what may be absent.
func Look(program string) (path string, ok bool) {
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin", "/sbin") {
		path := filepath.Join(dir, program)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, true
		}
	}
	return "", false
}

// Absent ends a test that lacks something: it is skipped, or fails where all is promised to be there.
func Absent(t testing.TB, why string) {
	t.Helper()
	if Required() {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Required says whether all servers are promised to be there.
func Required() bool { return os.Getenv("POSTA_REAL_SERVERS") == "require" }

// FreeAddress is one on loopback where nobody listens just now. Its port is none of those that systems give to whoever wants any
// (RFC 6335 §6: from 49152; Linux has them from 32768), so that it is free still when a server begins to listen there.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}
