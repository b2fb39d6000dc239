package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// resolverFlag names the servers to ask.
func resolverFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "resolver", Usage: "name server `HOST[:PORT]`, tls://HOST or https://HOST/PATH; may be repeated"}
}

// resolverServers are those of --resolver, else those of POSTA_RESOLVER, with spaces between; none means resolv.conf's.
func resolverServers(c *cli.Context, e *env) []string {
	if servers := c.StringSlice("resolver"); len(servers) > 0 {
		return servers
	}
	return strings.Fields(e.getenv("POSTA_RESOLVER"))
}
