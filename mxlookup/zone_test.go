package mxlookup

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"posta/internal/sandbox"
)

// testZone has a domain of every shape below "test.".
const testZone = `$ORIGIN test.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1

; order and preference
plain       MX 20 mx2
plain       MX 10 mx1
equal       MX 10 b.hosts
equal       MX 10 c.hosts
equal       MX 10 a.hosts
equal       MX 5  z.hosts
extreme     MX 65535 last
extreme     MX 0 first
mx1         A 192.0.2.1
mx1         AAAA 2001:db8::1
mx2         A 192.0.2.2

; what takes no mail, and what is its own host
null        MX 0 .
nullplus    MX 0 .
nullplus    MX 10 mx1
onlya       A 192.0.2.9
onlyaaaa    AAAA 2001:db8::9
nothing     TXT "no mail here"

; aliases
alias       CNAME plain
chain       CNAME chain1
chain1      CNAME chain2
chain2      CNAME chain3
chain3      CNAME plain
aliasnull   CNAME null
aliasa      CNAME onlya
loop        CNAME loop1
loop1       CNAME loop
self        CNAME self
dangling    CNAME gone
out         CNAME plain.elsewhere.
mxalias     MX 10 cmx
cmx         CNAME mx1

; odd host names
odd         MX 10 a\032space
odd         MX 20 a\.dot
odd         MX 30 tab\009bell\007
odd         MX 40 192.0.2.1.
UPPER       MX 10 MX1.Test.
xn--bcher-kva MX 10 mx1
*.wild      MX 10 mx1
there.wild  A 192.0.2.3
empty.below.here A 192.0.2.4

; services and the rest
_imaps._tcp.plain       SRV 10 5 993 imap2
_imaps._tcp.plain       SRV 10 60 993 imap1
_imaps._tcp.plain       SRV 0 0 993 imap0
_pop3._tcp.plain        SRV 0 0 0 .
texts                   TXT "v=spf1 " "mx -all"
texts                   TXT "second"
_25._tcp.mx1            TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000001
`

// bigDomains have more hosts than fit into 512 octets and into EDNS0's size.
func bigDomains() string {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "big512 MX %d mx%02d.%s\n", i*10, i, strings.Repeat("x", 40))
	}
	for i := range 80 {
		fmt.Fprintf(&b, "bigtcp MX %d mx%02d.%s\n", i*10, i, strings.Repeat("y", 60))
	}
	return b.String()
}

// zoneServers are the servers that serve the test zone: the sandbox, and NSD where it is installed.
func zoneServers(t *testing.T) map[string]string {
	text := testZone + bigDomains()
	servers := map[string]string{"sandbox": serveZone(t, text)}
	if nsd := findNSD(t); nsd != "" {
		servers["nsd"] = startNSD(t, nsd, text)
	}
	return servers
}

// serveZone serves a zone by the sandbox until the test ends.
func serveZone(t testing.TB, text string) (addr string) {
	t.Helper()
	sb, err := sandbox.Start(context.Background(), sandbox.Options{ZoneText: text})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sb.Close() })
	return sb.DNSAddr()
}

// findNSD is the path of NSD; "" when it is not installed, which fails the test where real servers are required.
func findNSD(t testing.TB) string {
	for _, name := range []string{"nsd", "/usr/sbin/nsd"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("POSTA_REAL_SERVERS") == "require" {
		t.Fatal("nsd is not installed, and POSTA_REAL_SERVERS=require")
	}
	t.Log("nsd is not installed: the sandbox alone is asked")
	return ""
}

// startNSD serves a zone with NSD on loopback until the test ends.
func startNSD(t testing.TB, nsd, zone string) string {
	dir := t.TempDir()
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := probe.Addr().String()
	probe.Close()
	conf := fmt.Sprintf(`server:
  ip-address: %s
  username: ""
  chroot: ""
  zonesdir: "%[2]s"
  pidfile: "%[2]s/nsd.pid"
  database: ""
  xfrdfile: "%[2]s/xfrd.state"
  zonelistfile: "%[2]s/zone.list"
  xfrdir: "%[2]s"
  server-count: 1
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: test
  zonefile: test.zone
`, strings.Replace(addr, ":", "@", 1), dir)
	for name, text := range map[string]string{"test.zone": zone, "nsd.conf": conf} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(nsd, "-d", "-c", filepath.Join(dir, "nsd.conf"))
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	q := new(dns.Msg).SetQuestion("test.", dns.TypeSOA)
	for range 200 {
		if m, _, err := new(dns.Client).Exchange(q, addr); err == nil && m.Rcode == dns.RcodeSuccess {
			return addr
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("nsd does not answer: %s", log.String())
	return ""
}
