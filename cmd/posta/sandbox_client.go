package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"posta/internal/sandbox"
)

// controlFlag is the flag of the commands that ask a running sandbox.
func controlFlag() cli.Flag {
	return &cli.StringFlag{Name: "control", Usage: "the sandbox's control `SOCKET` (default: POSTA_SANDBOX)"}
}

// sandboxClient is the sandbox that --control or POSTA_SANDBOX names.
func sandboxClient(c *cli.Context, e *env) (*sandbox.Client, error) {
	addr := firstOf(c.String("control"), e.getenv("POSTA_SANDBOX"))
	if addr == "" {
		return nil, fail(exitConfig, "no sandbox is named: run this under posta sandbox run, or give --control SOCKET")
	}
	return &sandbox.Client{Addr: addr}, nil
}

// matchFlags are the flags that say which letters are meant.
func matchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "to", Usage: "letters to the `ADDRESS`; * and ? are wild"},
		&cli.StringFlag{Name: "from", Usage: "letters from the `ADDRESS`; * and ? are wild"},
		&cli.StringFlag{Name: "subject", Usage: "letters with `TEXT` in the Subject"},
		&cli.StringFlag{Name: "body", Usage: "letters with `TEXT` in the body"},
		&cli.IntFlag{Name: "since", Usage: "letters that came after the `MARK`"},
		controlFlag(),
	}
}

// sandboxMatch reads the flags of matchFlags.
func sandboxMatch(c *cli.Context) sandbox.Match {
	return sandbox.Match{
		To: c.String("to"), From: c.String("from"), Subject: c.String("subject"), Body: c.String("body"),
		Since: c.Int("since"),
	}
}

// noArguments is an error where a command was given arguments that it does not take.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return usageError("%s: takes no argument %q", commandPath(c), c.Args().First())
	}
	return nil
}

// printLetters writes a line for each letter: number, time, sender, recipients, size, Subject; or an object.
func printLetters(e *env, letters []*sandbox.Message, asJSON bool) error {
	for _, m := range letters {
		var err error
		if asJSON {
			err = e.out.JSON(m)
		} else {
			err = e.out.Line(strconv.Itoa(m.ID), m.Time.UTC().Format(time.RFC3339), "<"+m.From+">",
				strings.Join(m.To, ","), strconv.FormatInt(m.Size, 10), m.Subject)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// limitOf is the value of a timeLimit flag.
func limitOf(c *cli.Context, name string) time.Duration {
	return time.Duration(*c.Generic(name).(*timeLimit))
}
