package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"posta/mxlookup"
	"posta/sendmail/dkim"
)

func newDKIMVerifyCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:   "verify",
		Usage:  "verify the signatures of the letter on standard input",
		Flags:  append(mxResolverFlags(), &cli.BoolFlag{Name: "json", Usage: "an object a signature"}),
		Action: func(c *cli.Context) error { return runDKIMVerify(c, e) },
	}
}

func runDKIMVerify(c *cli.Context, e *env) error {
	if c.Args().Present() {
		return usageError("dkim verify: the letter is read from standard input")
	}
	r, err := newResolver(c, e)
	if err != nil {
		return err
	}
	defer r.Close()
	list, err := dkim.Verify(c.Context, &readFailure{e.stdin}, lookupTXT(r))
	if err != nil {
		return dkimError(err)
	}
	if len(list) == 0 {
		e.warn("no signature")
	}
	for _, v := range list {
		if c.Bool("json") {
			err = e.out.JSON(v)
		} else {
			err = e.out.Line(string(v.Outcome), v.Domain, v.Selector, v.Algorithm, v.Reason)
		}
		if err != nil {
			return err
		}
	}
	return silent(verifyStatus(list))
}

// verifyStatus is 0 when any signature passes (RFC 6376 §6.1), 75 when one could later, else 1.
func verifyStatus(list []dkim.Verification) int {
	status := exitNegative
	for _, v := range list {
		switch v.Outcome {
		case dkim.Pass:
			return exitOK
		case dkim.TempError:
			status = exitTempFail
		}
	}
	return status
}

// lookupTXT asks a resolver for texts. That there are none is no error.
func lookupTXT(r *mxlookup.Resolver) dkim.LookupTXT {
	return func(ctx context.Context, name string) ([]string, error) {
		texts, _, err := r.TXT(ctx, name)
		if errors.Is(err, mxlookup.ErrNoDomain) || errors.Is(err, mxlookup.ErrNoRecord) {
			return nil, nil
		}
		return texts, err
	}
}
