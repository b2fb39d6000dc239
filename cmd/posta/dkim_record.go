package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mxlookup"
	"posta/sendmail/dkim"
)

func newDKIMRecordCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "record",
		Usage:     "print the record of a private key, or check that it is published",
		ArgsUsage: "FILE",
		Flags: append(mxResolverFlags(), domainFlag(), selectorFlag(),
			&cli.BoolFlag{Name: "check", Usage: "ask the name servers for it instead"}),
		Action: func(c *cli.Context) error { return runDKIMRecord(c, e) },
	}
}

func runDKIMRecord(c *cli.Context, e *env) error {
	if c.NArg() != 1 {
		return usageError("dkim record: needs one FILE with a private key")
	}
	if c.Bool("check") && (c.String("domain") == "" || c.String("selector") == "") {
		return usageError("dkim record: --check needs --domain and --selector")
	}
	key, err := readKey(e, c.Args().First())
	if err != nil {
		return err
	}
	if !c.Bool("check") {
		return printRecord(c, e, key)
	}
	text, err := dkim.Record(key.Public())
	if err != nil {
		return dkimError(err)
	}
	return checkRecord(c, e, text)
}

// checkRecord compares what is published with the record that should be: the public key alone has to be the same.
func checkRecord(c *cli.Context, e *env, want string) error {
	domain, err := signingDomain(c)
	if err != nil {
		return err
	}
	r, err := newResolver(c, e)
	if err != nil {
		return err
	}
	defer r.Close()
	name := c.String("selector") + "._domainkey." + domain
	texts, _, err := r.TXT(c.Context, name)
	if err != nil && !errors.Is(err, mxlookup.ErrNoDomain) && !errors.Is(err, mxlookup.ErrNoRecord) {
		return err
	}
	switch {
	case len(texts) == 0:
		return fail(exitNegative, "%s: not published", name)
	case len(texts) > 1:
		return fail(exitNegative, "%s: %d records, there must be one (RFC 6376 §3.6.2.2)", name, len(texts))
	case publicKey(texts[0]) != publicKey(want):
		return fail(exitNegative, "%s: another key is published", name)
	}
	return e.out.Line("ok", name)
}

// publicKey is the p tag of a record, without white space.
func publicKey(record string) string {
	tags := strings.Split(record, ";")
	i := slices.IndexFunc(tags, func(tag string) bool { return strings.HasPrefix(strings.TrimSpace(tag), "p=") })
	if i < 0 {
		return ""
	}
	return strings.Join(strings.Fields(tags[i]), "")
}
