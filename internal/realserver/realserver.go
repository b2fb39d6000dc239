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

// FreeAddress is one on loopback where nobody listens just now. See FreeAddresses.
func FreeAddress(t testing.TB) string {
	t.Helper()
	return FreeAddresses(t, 1)[0]
}

// FreeAddresses are n that differ. Their ports are none of those that systems give to whoever wants any (RFC 6335 §6: from 49152;
// Linux has them from 32768), so that they are free still when a server begins to listen there.
func FreeAddresses(t testing.TB, n int) (addrs []string) {
	t.Helper()
	for range 100 * n {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err != nil {
			continue
		}
		defer l.Close() // when all are found
		if addrs = append(addrs, l.Addr().String()); len(addrs) == n {
			return addrs
		}
	}
	t.Fatal("no port is free")
	return nil
}
