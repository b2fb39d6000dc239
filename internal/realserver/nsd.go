package realserver

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const nsdConf = `server:
  ip-address: ADDR
  username: ""
  chroot: ""
  zonesdir: "DIR"
  pidfile: "DIR/nsd.pid"
  database: ""
  xfrdfile: "DIR/xfrd.state"
  zonelistfile: "DIR/zone.list"
  xfrdir: "DIR"
  logfile: "DIR/log"
  server-count: 1
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: ORIGIN
  zonefile: zone
`

// StartNSD serves a zone, which names a name server for its origin, and returns the address.
func StartNSD(t testing.TB, origin, zone string) (addr string) {
	t.Helper()
	program := Find(t, "nsd")
	h := NewHost(t, "NSD", "nobody")
	addr = FreeAddress(t)
	h.Write(t, "zone", zone)
	h.Write(t, "nsd.conf", nsdConf, "ADDR", strings.Replace(addr, ":", "@", 1), "ORIGIN", origin)
	h.Start(t, exec.Command(program, "-d", "-c", h.Path("nsd.conf")), addr)
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(20 * time.Millisecond) {
		if _, err := resolver.LookupNS(t.Context(), origin+"."); err == nil {
			return addr
		}
	}
	t.Fatalf("NSD does not answer: %s", h.Log())
	return ""
}
