package main

import (
	"math"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
)

// limitFlag is the flag of the commands that go through messages.
func limitFlag() cli.Flag {
	return &cli.StringSliceFlag{
		Name:  "limit",
		Usage: "how far a message may go, as `NAME=N,...`: depth=100,parts=100000,header=8M,fields=100000,encoded=8; exit 65 beyond",
	}
}

// readLimits reads the values of --limit: NAME=NUMBER, several with commas between.
func readLimits(c *cli.Context) (mimetool.Limits, error) {
	var l mimetool.Limits
	named := map[string]*int{"depth": &l.Depth, "parts": &l.Parts, "header": &l.Header, "fields": &l.Fields, "encoded": &l.Encoded}
	for _, value := range c.StringSlice("limit") {
		for item := range strings.SplitSeq(value, ",") {
			name, number, _ := strings.Cut(item, "=")
			limit := named[name]
			if limit == nil {
				return l, usageError("%s: --limit %q: limits are depth, parts, header, fields and encoded, as in depth=20,header=1M", commandPath(c), item)
			}
			n, err := parseOctets(number)
			if err != nil || n <= 0 || n > math.MaxInt32 {
				return l, usageError("%s: --limit %s: %q is no number from 1 to 2G", commandPath(c), name, number)
			}
			*limit = int(n)
		}
	}
	return l, nil
}
