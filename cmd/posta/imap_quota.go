package main

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

func newIMAPQuotaCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "quota",
		Usage:     "print how much is used, and the limits",
		ArgsUsage: "[FOLDER...]",
		Flags:     imapFlags(),
		Action:    func(c *cli.Context) error { return runIMAPQuota(c, e) },
	}
}

// quotaLine is what quota --json prints (RFC 9208). Storage is in octets here.
type quotaLine struct {
	Root     string `json:"root"`
	Resource string `json:"resource"`
	Usage    int64  `json:"usage"`
	Limit    int64  `json:"limit"`
}

func runIMAPQuota(c *cli.Context, e *env) error {
	folders := c.Args().Slice()
	if len(folders) == 0 {
		folders = []string{"INBOX"}
	}
	return runIMAP(c, e, func(s *imapSession) error {
		shown := map[string]bool{}
		err := eachFolder(s, folders, s.client.Quota, func(_ string, quotas []imap.Quota) error {
			for _, q := range quotas {
				if shown[q.Root] {
					continue
				}
				shown[q.Root] = true
				if err := printQuota(c, e.out, q); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil && len(shown) == 0 {
			return silent(exitNegative) // there is none
		}
		return err
	})
}

func printQuota(c *cli.Context, out *output, q imap.Quota) error {
	for _, name := range slices.Sorted(maps.Keys(q.Resources)) {
		used := q.Resources[name]
		l := quotaLine{q.Root, strings.ToLower(string(name)), used.Usage, used.Limit}
		if name == goimap.QuotaResourceStorage { // RFC 9208 §5.1: in units of 1024 octets
			l.Usage, l.Limit = min(l.Usage, math.MaxInt64>>10)<<10, min(l.Limit, math.MaxInt64>>10)<<10
		}
		var err error
		if c.Bool("json") {
			err = out.JSON(l)
		} else {
			err = out.Line(l.Root, l.Resource, strconv.FormatInt(l.Usage, 10), strconv.FormatInt(l.Limit, 10))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
