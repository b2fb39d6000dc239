package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"posta/internal/sandbox"
)

func newSandboxCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "sandbox",
		Usage: "run a mail host on loopback that catches everything",
		Flags: append(sandboxFlags(), &cli.BoolFlag{Name: "json", Usage: "print what is served as an object"}),
		Subcommands: []*cli.Command{
			newSandboxRunCommand(e),
			newSandboxWaitCommand(e),
			newSandboxListCommand(e),
			newSandboxGetCommand(e),
			newSandboxMarkCommand(e),
			newSandboxExpectNoneCommand(e),
			newSandboxFailCommand(e),
			newSandboxResetCommand(e),
		},
		Action: func(c *cli.Context) error { return runSandbox(c, e) },
	}
}

// sandboxFlags are the flags of the commands that start a sandbox.
func sandboxFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "dir", Usage: "keep letters in the Maildir `DIR`"},
		&cli.StringFlag{Name: "zone", Usage: "answer DNS questions from the zone `FILE` first"},
		&cli.BoolFlag{Name: "dane", Usage: "publish TLSA records of the host"},
		&cli.StringFlag{Name: "mta-sts", Usage: "publish an MTA-STS policy: `MODE`, or a file with one"},
		&cli.StringFlag{Name: "host", Value: sandbox.DefaultHost, Usage: "the sandbox's host `NAME`"},
		&cli.StringSliceFlag{Name: "port", Usage: "`SERVICE=PORT`: listen there; repeatable"},
		&cli.StringSliceFlag{Name: "user", Usage: "`NAME:PASSWORD`: no other may log in; repeatable"},
		&cli.BoolFlag{Name: "require-auth", Usage: "refuse MAIL before AUTH"},
		&cli.Int64Flag{Name: "max-size", Usage: "refuse letters of more than `N` octets"},
		&cli.IntFlag{Name: "max-recipients", Usage: "refuse more than `N` recipients in a transaction"},
		&cli.StringSliceFlag{Name: "without", Usage: "do not offer the EHLO `KEYWORD`; repeatable"},
	}
}

// sandboxOptions reads the flags of sandboxFlags.
func sandboxOptions(c *cli.Context) (opt sandbox.Options, err error) {
	opt = sandbox.Options{
		Host: c.String("host"), Dir: c.String("dir"), Zone: c.String("zone"),
		RequireAuth: c.Bool("require-auth"), Without: c.StringSlice("without"),
		MaxSize: c.Int64("max-size"), MaxRecipients: c.Int("max-recipients"), DANE: c.Bool("dane"),
	}
	if opt.MTASTS, err = sandboxPolicy(c.String("mta-sts"), opt.Host); err != nil {
		return opt, err
	}
	if opt.MaxSize < 0 || opt.MaxRecipients < 0 {
		return opt, usageError("a limit is not negative")
	}
	if opt.Dir != "" {
		if opt.Dir, err = filepath.Abs(opt.Dir); err != nil {
			return opt, err
		}
	}
	if opt.Ports, err = sandboxPorts(c.StringSlice("port")); err != nil {
		return opt, err
	}
	for _, v := range c.StringSlice("user") {
		name, password, ok := strings.Cut(v, ":")
		if !ok || name == "" {
			return opt, usageError("--user needs NAME:PASSWORD")
		}
		if opt.Users == nil {
			opt.Users = map[string]string{}
		}
		opt.Users[name] = password
	}
	return opt, nil
}

// sandboxPolicy is an MTA-STS policy in a mode, or that of a file: what is wrong with one can be tested too.
func sandboxPolicy(mode, host string) (string, error) {
	switch mode {
	case "":
		return "", nil
	case "enforce", "testing", "none":
		return sandbox.MTASTSPolicy(mode, host), nil
	}
	text, err := os.ReadFile(mode)
	if err != nil {
		return "", fail(exitNoInput, "--mta-sts: neither enforce, testing, none nor a file: %w", err)
	}
	return string(text), nil
}

func sandboxPorts(values []string) (map[string]int, error) {
	ports := map[string]int{}
	for _, v := range values {
		name, number, _ := strings.Cut(v, "=")
		port, err := strconv.ParseUint(number, 10, 16)
		switch {
		case err != nil || port == 0:
			return nil, usageError("--port %q: needs SERVICE=PORT", v)
		case !slices.Contains(sandbox.ServiceNames(), name):
			return nil, usageError("--port: no service %q (there are %s)", name, strings.Join(sandbox.ServiceNames(), ", "))
		}
		ports[name] = int(port)
	}
	return ports, nil
}

// runSandbox serves until it is interrupted, or its parent process ends.
func runSandbox(c *cli.Context, e *env) error {
	if c.Args().Present() {
		return unknownCommand(c)
	}
	opt, err := sandboxOptions(c)
	if err != nil {
		return err
	}
	// A second signal would end the process before the sandbox has cleaned up.
	again := make(chan os.Signal, 1)
	signal.Notify(again, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(again)
	sb, err := sandbox.Start(context.Background(), opt)
	if err != nil {
		return fail(exitUnavailable, "%w", err)
	}
	err = printSandbox(e, sb, c.Bool("json"))
	if err == nil {
		select {
		case <-c.Context.Done():
		case <-parentEnds():
		}
	}
	if closeErr := sb.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("sandbox: %w", closeErr)
	}
	return err
}

// printSandbox says what is served: a line for each service, or an object.
func printSandbox(e *env, sb *sandbox.Sandbox, asJSON bool) error {
	served := [][2]string{}
	for _, name := range sandbox.ServiceNames() {
		if addr := sb.Addr(name); addr != "" {
			served = append(served, [2]string{name, addr})
		}
	}
	served = append(served, [][2]string{
		{"host", sb.Host()}, {"ca", sb.CAFile()}, {"config", sb.ConfigFile()}, {"control", sb.ControlAddr()},
	}...)
	object := map[string]string{}
	for _, s := range served {
		object[s[0]] = s[1]
		if asJSON {
			continue
		}
		if err := e.out.Line(strings.ToUpper(s[0]), s[1]); err != nil {
			return err
		}
	}
	if asJSON {
		if err := e.out.JSON(object); err != nil {
			return err
		}
	}
	return e.out.Flush()
}
