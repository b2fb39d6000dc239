package main

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"posta/mxlookup"
	"posta/mxlookup/mailflow"
)

func newMXCheckCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "say whether mail to domains would arrive, and mail from them be believed",
		ArgsUsage: "DOMAIN...",
		Flags: append(mxResolverFlags()[:1:1],
			timeoutFlag(),
			&cli.StringFlag{Name: "ca", Usage: "trust root `FILE` for mail servers and the MTA-STS policy too"},
			&cli.BoolFlag{Name: "json", Usage: "an object a domain"},
			&cli.IntFlag{Name: "port", Value: 25, Usage: "`PORT` of the mail servers"},
			&cli.StringFlag{Name: "helo", Usage: "`NAME` for EHLO"},
			&cli.StringSliceFlag{Name: "selector", Usage: "`NAME` of a DKIM key to look for; may be repeated"},
			&cli.StringFlag{Name: "sender", Usage: "`ADDRESS` that mail from the domain comes from"},
			&cli.BoolFlag{Name: "dns-only", Usage: "connect to no mail server"},
			&cli.BoolFlag{Name: "private", Usage: "connect to private and loopback addresses too"},
		),
		Action: func(c *cli.Context) error { return runMXCheck(c, e) },
	}
}

func runMXCheck(c *cli.Context, e *env) error {
	if !c.Args().Present() {
		return usageError("mx check: needs a DOMAIN")
	}
	checker, err := newChecker(c, e)
	if err != nil {
		return err
	}
	defer checker.Resolver.Close()
	domains := c.Args().Slice()
	for i, arg := range domains {
		if domains[i], err = mxlookup.Domain(arg); err != nil {
			return err
		}
		if _, ok := mxlookup.Literal(domains[i]); ok {
			return usageError("mx check: %s is an address, not a domain", arg)
		}
	}
	statuses := map[int]int{}
	for _, domain := range domains {
		report, err := checker.Check(c.Context, domain)
		if err != nil {
			return err
		}
		if err := printReport(c, e, report); err != nil {
			return err
		}
		statuses[reportStatus(report)]++
	}
	if len(statuses) > 1 {
		return silent(exitPartial)
	}
	for status := range statuses {
		return silent(status)
	}
	return nil
}

// newChecker makes the checker that the flags ask for. Its resolver always asks for validation.
func newChecker(c *cli.Context, e *env) (*mailflow.Checker, error) {
	limit, err := timeout(c, e)
	if err != nil {
		return nil, err
	}
	checker := &mailflow.Checker{
		Port: c.Int("port"), Timeout: limit, LocalName: c.String("helo"), Selectors: c.StringSlice("selector"),
		DNSOnly: c.Bool("dns-only"), Private: c.Bool("private"), Now: e.now,
	}
	if checker.PolicyPort, err = portVariable(e, "POSTA_POLICY_PORT"); err != nil {
		return nil, err
	}
	if !c.IsSet("port") {
		if checker.Redirect, err = portVariable(e, "POSTA_DIRECT_PORT"); err != nil {
			return nil, err
		}
	}
	if !c.IsSet("timeout") {
		checker.Timeout = 30 * time.Second // a report is waited for
	}
	if checker.Port < 1 || checker.Port > 65535 {
		return nil, usageError("--port %d: there is no such port", checker.Port)
	}
	if _, err := mxlookup.Domain(checker.LocalName); checker.LocalName != "" && (err != nil || strings.Contains(checker.LocalName, "@")) {
		return nil, usageError("--helo %q: not a name", checker.LocalName)
	}
	if text := c.String("sender"); text != "" {
		if checker.Sender, err = netip.ParseAddr(text); err != nil {
			return nil, usageError("--sender %q: want an IP address", text)
		}
	}
	if file := c.String("ca"); file != "" {
		if checker.RootCAs, err = readRoots(file); err != nil {
			return nil, err
		}
	}
	checker.Resolver, err = mxlookup.New(mxlookup.Config{Servers: resolverServers(c, e), DNSSEC: true, RootCAs: checker.RootCAs})
	if err != nil {
		return nil, usageError("%w", err)
	}
	return checker, nil
}

// printReport prints a line for each finding, or the report as an object.
func printReport(c *cli.Context, e *env, r *mailflow.Report) error {
	if c.Bool("json") {
		return e.out.JSON(r)
	}
	for _, f := range r.Findings {
		text := f.Text
		if f.Millis > 0 {
			text = fmt.Sprintf("%s (%.1f ms)", text, f.Millis)
		}
		if err := e.out.Line(string(f.Level), r.Domain, f.Subject, text, f.Ref, f.Advice); err != nil {
			return err
		}
	}
	return e.out.Flush()
}

// reportStatus is the exit status of a report: 1 when anything is bad, 75 when something could not be found out.
func reportStatus(r *mailflow.Report) int {
	switch r.Worst() {
	case mailflow.Bad:
		return exitNegative
	case mailflow.Unknown:
		return exitTempFail
	}
	return exitOK
}
