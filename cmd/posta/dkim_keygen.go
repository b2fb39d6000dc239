package main

import (
	"crypto"
	"errors"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"posta/sendmail/dkim"
)

func newDKIMKeygenCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "keygen",
		Usage:     "make a private key and print its record",
		ArgsUsage: "FILE",
		Flags: []cli.Flag{
			domainFlag(), selectorFlag(),
			&cli.StringFlag{Name: "algorithm", Value: "rsa", Usage: "`NAME`: rsa or ed25519"},
			&cli.IntFlag{Name: "bits", Value: dkim.DefaultRSA, Usage: "`N` bits of an RSA key"},
		},
		Action: func(c *cli.Context) error { return runDKIMKeygen(c, e) },
	}
}

func runDKIMKeygen(c *cli.Context, e *env) error {
	if c.NArg() != 1 {
		return usageError("dkim keygen: needs one FILE for the private key")
	}
	if _, err := signingDomain(c); err != nil {
		return err
	}
	var key crypto.Signer
	var err error
	switch c.String("algorithm") {
	case "rsa":
		key, err = dkim.GenerateRSA(c.Int("bits"))
	case "ed25519":
		key, err = dkim.GenerateEd25519()
	default:
		return usageError("dkim keygen: --algorithm %q: want rsa or ed25519", c.String("algorithm"))
	}
	if err != nil {
		return usageError("dkim keygen: %w", err)
	}
	text, err := dkim.MarshalKey(key)
	if err != nil {
		return err
	}
	if err := writeNewFile(c.Args().First(), text); err != nil {
		return err
	}
	return printRecord(c, e, key)
}

// writeNewFile writes a file that only its owner can read, whole or not at all, and never over another.
func writeNewFile(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fail(exitCantCreate, "%s exists already; a key is not overwritten", path)
	}
	if err != nil {
		return fail(exitCantCreate, "%w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(path)
		return fail(exitIOErr, "%w", err)
	}
	return nil
}

// printRecord prints what to publish: a line for a zone file where domain and selector are given, else the text alone.
func printRecord(c *cli.Context, e *env, key crypto.Signer) error {
	text, err := dkim.Record(key.Public())
	if err != nil {
		return dkimError(err)
	}
	domain, err := signingDomain(c)
	if err != nil {
		return err
	}
	if selector := c.String("selector"); domain != "" && selector != "" {
		text = dkim.ZoneRecord(domain, selector, text)
	}
	return e.out.Line(text)
}
