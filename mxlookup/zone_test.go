package mxlookup

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"posta/internal/realserver"
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
	if _, installed := realserver.Look("nsd"); installed || realserver.Required() {
		servers["nsd"] = realserver.StartNSD(t, "test", text)
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
