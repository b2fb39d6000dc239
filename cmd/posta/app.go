package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// command is one of posta's commands: a run makes no other, since that would take longer than what some of them do.
type command struct {
	name string
	make func(*env) *cli.Command
}

// commands lists every command of posta, in the order in which help shows them.
func commands() []command {
	return []command{
		{"send", newSendCommand},
		{"pop", newPopCommand},
		{"imap", newIMAPCommand},
		{"mime", newMimeCommand},
		{"mx", newMXCommand},
		{"dkim", newDKIMCommand},
		{"sandbox", newSandboxCommand},
		{"completion", newCompletionCommand},
		{"man", newManCommand},
		{"version", newVersionCommand},
	}
}

// needed makes the commands that a run of args may look at: the one that args name, else, and for completion, all.
func needed(e *env, args []string) []*cli.Command {
	var all []*cli.Command
	for _, c := range commands() {
		if len(args) > 1 && args[1] == c.name && c.name != "completion" {
			return []*cli.Command{c.make(e)}
		}
	}
	for _, c := range commands() {
		all = append(all, c.make(e))
	}
	return all
}

// runApp runs the command that args name.
//
// urfave/cli prints usage errors on standard output, ignores flags after arguments, splits slice values at commas
// and calls os.Exit; everything here that looks roundabout undoes one of these.
func runApp(ctx context.Context, e *env, args []string) error {
	app := newApp(e, args)
	if path, cmd, ok := wantsHelp(app, args); ok {
		return printHelp(e, path, cmd)
	}
	return app.RunContext(ctx, permute(app, args))
}

func newApp(e *env, args []string) *cli.App {
	app := &cli.App{
		Name:                      "posta",
		Usage:                     "send, fetch, search, unpack and archive mail from the shell",
		UsageText:                 "posta COMMAND [FLAG...] [ARG...]",
		Compiled:                  e.now(), // cli would look at the program's file
		Writer:                    e.out,
		ErrWriter:                 e.stderr,
		HideHelpCommand:           true,
		HideHelp:                  true, // help.go shows it
		HideVersion:               true, // ours has no -v
		DisableSliceFlagSeparator: true,
		OnUsageError:              onUsageError,
		ExitErrHandler:            func(*cli.Context, error) {}, // no os.Exit inside
		Flags:                     []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "print the version"}},
		Commands:                  needed(e, args),
	}
	app.Action = func(c *cli.Context) error {
		if c.Bool("version") {
			return printVersion(e)
		}
		return unknownCommand(c)
	}
	for _, cmd := range app.Commands {
		tame(cmd)
	}
	return app
}

// tame gives cmd and its subcommands the behaviour of usage errors that cli does not inherit from the app.
func tame(cmd *cli.Command) {
	cmd.OnUsageError = onUsageError
	cmd.HideHelpCommand, cmd.HideHelp = true, true
	if cmd.Action == nil && len(cmd.Subcommands) > 0 {
		cmd.Action = unknownCommand
	}
	for _, sub := range cmd.Subcommands {
		tame(sub)
	}
}

func onUsageError(c *cli.Context, err error, _ bool) error {
	return usageError("%s: %v (see posta %s --help)", commandPath(c), err, commandPath(c))
}

// commandPath names the command that c runs without the program's name: "sandbox wait".
func commandPath(c *cli.Context) string {
	if c.Command == nil || c.Command.HelpName == "" {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(c.Command.HelpName, c.App.Name), " ")
}

// unknownCommand is the action of a command that only groups others: what stands there is missing or misspelt.
func unknownCommand(c *cli.Context) error {
	known, of := c.App.Commands, ""
	if c.Command != nil && len(c.Command.Subcommands) > 0 {
		known, of = c.Command.Subcommands, commandPath(c)+" "
	}
	of = strings.TrimLeft(of, " ")
	if !c.Args().Present() {
		return usageError("%sneeds a command: %s", of, strings.Join(commandNames(known), ", "))
	}
	name := c.Args().First()
	return usageError("no command %q (nearest: %q; see posta %s--help)", of+name, of+nearest(known, name), of)
}

func commandNames(cmds []*cli.Command) []string {
	var names []string
	for _, cmd := range cmds {
		if !cmd.Hidden {
			names = append(names, cmd.Name)
		}
	}
	return names
}

// nearest is the name in cmds that is most like name.
func nearest(cmds []*cli.Command, name string) string {
	s := cli.SuggestCommand(cmds, name)
	return strings.TrimSuffix(strings.TrimPrefix(s, "Did you mean \""), "\"?")
}

// permute moves the flags of the command that args name before its arguments, and marks where these begin with "--",
// so that flags may stand anywhere: cli stops at the first argument.
func permute(app *cli.App, args []string) []string {
	if len(args) == 0 {
		return args
	}
	out, rest := args[:1:1], args[1:]
	cmd := &cli.Command{Flags: app.Flags, Subcommands: app.Commands}
	var flags, operands []string
	for len(rest) > 0 {
		arg := rest[0]
		rest = rest[1:]
		switch {
		case arg == "--":
			operands, rest = append(operands, rest...), nil
		case len(arg) > 1 && arg[0] == '-' && !isChange(cmd, arg):
			flags = append(flags, arg)
			if len(rest) > 0 && takesValue(cmd.Flags, arg) {
				flags, rest = append(flags, rest[0]), rest[1:]
			}
		default:
			if sub := find(cmd.Subcommands, arg); sub != nil && len(operands) == 0 {
				out = append(append(out, flags...), arg)
				cmd, flags = sub, nil
				continue
			}
			operands = append(operands, arg)
			switch {
			case len(cmd.Subcommands) > 0 && cmd.ArgsUsage == "": // a misspelt one, whose flags nobody knows
				flags, rest = nil, nil
			case runsProgram(cmd):
				operands, rest = append(operands, rest...), nil
			}
		}
	}
	out = append(out, flags...)
	if len(operands) > 0 {
		out = append(append(out, "--"), operands...)
	}
	return out
}

// runsProgram says whether cmd's arguments are another program's command line, whose flags are not ours.
func runsProgram(cmd *cli.Command) bool { return strings.Contains(cmd.ArgsUsage, "CMD") }

// isChange says whether arg clears a flag of messages ("-flagged") or takes rights ("-lrs"), for the commands whose
// arguments do that, and is none of their own flags.
func isChange(cmd *cli.Command, arg string) bool {
	changes := strings.Contains(cmd.ArgsUsage, "-FLAG") || strings.Contains(cmd.ArgsUsage, "-RIGHTS")
	return changes && arg[1] != '-' && flagNamed(cmd.Flags, arg) == nil
}

func find(cmds []*cli.Command, name string) *cli.Command {
	for _, cmd := range cmds {
		if cmd.HasName(name) {
			return cmd
		}
	}
	return nil
}

// takesValue says whether the flag in arg ("-s", "--subject", "--subject=x") is one whose value is the next argument.
func takesValue(flags []cli.Flag, arg string) bool {
	doc, ok := flagNamed(flags, arg).(cli.DocGenerationFlag)
	return ok && !strings.Contains(arg, "=") && doc.TakesValue()
}

// flagNamed is the flag in arg, nil if there is none of that name.
func flagNamed(flags []cli.Flag, arg string) cli.Flag {
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// usageError is an error of exit status 64.
func usageError(format string, args ...any) error {
	return &statusError{exitUsage, fmt.Errorf(format, args...)}
}
