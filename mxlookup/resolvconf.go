package mxlookup

import (
	"bufio"
	"os"
	"strings"
)

// systemServers are the name servers of a resolv.conf, three at most as everywhere (resolv.conf(5)); without any, the
// one on loopback.
func systemServers(path string) []string {
	var servers []string
	if f, err := os.Open(path); err == nil {
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() && len(servers) < 3 {
			fields := strings.Fields(lines.Text())
			if len(fields) >= 2 && fields[0] == "nameserver" {
				servers = append(servers, fields[1])
			}
		}
	}
	if len(servers) == 0 {
		return []string{"127.0.0.1"}
	}
	return servers
}
