package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"posta/sendmail/dkim"
)

func newDKIMSignCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "sign",
		Usage: "put signatures in front of the letter on standard input",
		Flags: []cli.Flag{
			domainFlag(),
			&cli.StringSliceFlag{Name: "key", Aliases: []string{"k"}, Usage: "`SELECTOR:FILE` of a private key; may be repeated"},
			&cli.StringFlag{Name: "identity", Aliases: []string{"i"}, Usage: "the `USER@DOMAIN` that signs, in the domain or below it"},
			&cli.DurationFlag{Name: "expires", Usage: "the signature is void after this `TIME`"},
			&cli.BoolFlag{Name: "simple", Usage: "let the letter change in nothing on its way"},
			&cli.BoolFlag{Name: "fields", Usage: "print the signatures alone"},
		},
		Action: func(c *cli.Context) error { return runDKIMSign(c, e) },
	}
}

func runDKIMSign(c *cli.Context, e *env) error {
	domain, err := signingDomain(c)
	if err != nil {
		return err
	}
	opts := dkim.Options{
		Domain: domain, Identity: c.String("identity"), Expires: c.Duration("expires"), Time: e.now(),
	}
	if c.Bool("simple") {
		opts.Header, opts.Body = dkim.Simple, dkim.Simple
	}
	switch {
	case c.Args().Present():
		return usageError("dkim sign: the letter is read from standard input")
	case opts.Domain == "" || len(c.StringSlice("key")) == 0:
		return usageError("dkim sign: needs --domain and --key SELECTOR:FILE")
	case opts.Expires < 0 || opts.Expires > 0 && opts.Expires < time.Minute:
		return usageError("dkim sign: --expires %v: want at least a minute", opts.Expires)
	}
	if opts.Keys, err = readKeys(e, c.StringSlice("key")); err != nil {
		return err
	}
	letter, err := spool(e.stdin)
	if err != nil {
		return err
	}
	defer letter.Close()
	fields, err := dkim.Sign(letter, opts)
	if err != nil {
		return dkimError(err)
	}
	return writeSigned(c, e, letter, fields)
}

// writeSigned writes the signatures and the letter as it came. The signatures' lines end as the letter's first one does.
func writeSigned(c *cli.Context, e *env, letter *spooled, fields []byte) error {
	if err := letter.Rewind(); err != nil {
		return err
	}
	r := bufio.NewReaderSize(letter, 64<<10)
	first, err := r.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return fail(exitIOErr, "read the letter: %w", err)
	}
	if i := bytes.IndexByte(first, '\n'); i == 0 || i > 0 && first[i-1] != '\r' {
		fields = bytes.ReplaceAll(fields, []byte("\r\n"), []byte("\n"))
	}
	if _, err := e.out.Write(fields); err != nil || c.Bool("fields") {
		return err
	}
	_, err = io.Copy(e.out, &readFailure{r})
	return err
}

// readFailure makes an error of reading one that is told from an error of writing.
type readFailure struct{ r io.Reader }

func (f *readFailure) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fail(exitIOErr, "read the letter: %w", err)
	}
	return n, err
}

// dkimError is an error of package dkim with its exit status.
func dkimError(err error) error {
	switch {
	case errors.Is(err, dkim.ErrOptions):
		return usageError("dkim: %w", err)
	case errors.Is(err, dkim.ErrKey):
		return fail(exitConfig, "dkim: %w", err)
	case errors.Is(err, dkim.ErrNoFrom), errors.Is(err, dkim.ErrHeader), errors.Is(err, dkim.ErrHeaderLength),
		errors.Is(err, dkim.ErrEmptyLines):
		return fail(exitDataErr, "dkim: %w", err)
	}
	return err
}
