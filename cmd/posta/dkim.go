package main

import (
	"crypto"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"posta/mxlookup"
	"posta/sendmail/dkim"
)

func newDKIMCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "dkim",
		Usage: "sign letters, verify signatures, make keys",
		Subcommands: []*cli.Command{
			newDKIMSignCommand(e),
			newDKIMVerifyCommand(e),
			newDKIMKeygenCommand(e),
			newDKIMRecordCommand(e),
		},
	}
}

// domainFlag and selectorFlag name a key's record, SELECTOR._domainkey.DOMAIN.
func domainFlag() cli.Flag {
	return &cli.StringFlag{Name: "domain", Aliases: []string{"d"}, Usage: "the `DOMAIN` that vouches for the letter"}
}

func selectorFlag() cli.Flag {
	return &cli.StringFlag{Name: "selector", Aliases: []string{"s"}, Usage: "the `NAME` of the key's record"}
}

// signingDomain reads --domain, as the DNS has it; "" where there is none.
func signingDomain(c *cli.Context) (string, error) {
	text := c.String("domain")
	if text == "" {
		return "", nil
	}
	domain, err := mxlookup.Domain(text)
	if _, literal := mxlookup.Literal(domain); err != nil || literal || strings.Contains(text, "@") {
		return "", usageError("--domain %q: not a domain name", text)
	}
	return domain, nil
}

// readKey reads a private key, which nobody else should be able to do.
func readKey(e *env, path string) (crypto.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fail(exitNoInput, "key: %w", err)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		e.warn("%s can be read by others (mode %04o)", path, info.Mode().Perm())
	}
	key, err := dkim.ParseKey(text)
	if err != nil {
		return nil, fail(exitConfig, "%s: %w", path, err)
	}
	return key, nil
}

// readKeys reads SELECTOR:FILE, each one key.
func readKeys(e *env, list []string) ([]dkim.Key, error) {
	var keys []dkim.Key
	for _, text := range list {
		selector, path, ok := strings.Cut(text, ":")
		if !ok || selector == "" || path == "" {
			return nil, usageError("--key %q: want SELECTOR:FILE", text)
		}
		key, err := readKey(e, path)
		if err != nil {
			return nil, err
		}
		keys = append(keys, dkim.Key{Selector: selector, Signer: key})
	}
	return keys, nil
}
