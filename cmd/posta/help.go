package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// helpColumn is where a flag's explanation begins; helpWidth is where a line ends.
const (
	helpColumn = 26
	helpWidth  = 100
)

// wantsHelp finds --help or -h among the flags that args give to a command, and that command with its path.
func wantsHelp(app *cli.App, args []string) (path string, cmd *cli.Command, ok bool) {
	cmd = &cli.Command{Name: app.Name, Usage: app.Usage, ArgsUsage: "COMMAND [ARG...]", Flags: app.Flags, Subcommands: app.Commands}
	path = app.Name
	value := false // arg is that of the flag before it
	for _, arg := range permute(app, args)[1:] {
		switch {
		case value:
			value = false
			continue
		case arg == "--":
			return "", nil, false
		case takesValue(cmd.Flags, arg):
			value = true
			continue
		}
		if arg == "--help" || arg == "-help" || arg == "-h" || arg == "--h" {
			return path, cmd, true
		}
		if sub := find(cmd.Subcommands, arg); sub != nil {
			path, cmd = path+" "+sub.Name, sub
		}
	}
	return "", nil, false
}

// printHelp writes what cmd is for, how it is called, its commands and its flags.
func printHelp(e *env, path string, cmd *cli.Command) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nusage: %s\n", path, cmd.Usage, synopsis(path, cmd))
	if cmd.Description != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(cmd.Description))
	}
	if len(cmd.Subcommands) > 0 {
		b.WriteString("\ncommands:\n")
		for _, sub := range cmd.Subcommands {
			if !sub.Hidden {
				writeEntry(&b, sub.Name, sub.Usage)
			}
		}
	}
	b.WriteString("\nflags:\n")
	for _, f := range cmd.Flags {
		if doc, ok := f.(cli.DocGenerationFlag); ok {
			writeEntry(&b, flagSynopsis(f.Names(), doc), flagUsage(doc))
		}
	}
	writeEntry(&b, "--help", "show this")
	if strings.Contains(path, " ") {
		fmt.Fprintf(&b, "\nMore: posta man %s\n", strings.Fields(path)[1])
	}
	_, err := e.out.Write([]byte(b.String()))
	return err
}

func synopsis(path string, cmd *cli.Command) string {
	if len(cmd.Subcommands) > 0 && cmd.ArgsUsage == "" {
		return path + " COMMAND [FLAG...] [ARG...]"
	}
	return strings.TrimSpace(path + " [FLAG...] " + cmd.ArgsUsage)
}

// flagSynopsis is "-s, --subject TEXT".
func flagSynopsis(names []string, doc cli.DocGenerationFlag) string {
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int { return min(len(a), 2) - min(len(b), 2) })
	for i, n := range names {
		names[i] = dashed(n)
	}
	s := strings.Join(names, ", ")
	if placeholder, _ := unquoteUsage(doc); placeholder != "" {
		s += " " + placeholder
	}
	return s
}

// flagUsage is the explanation, with the default where there is one worth telling.
func flagUsage(doc cli.DocGenerationFlag) string {
	_, usage := unquoteUsage(doc)
	value := doc.GetDefaultText()
	if value == "" {
		value = doc.GetValue()
	}
	switch value = strings.Trim(value, `"`); value {
	case "", "0", "false", "0s", "[]":
		return usage
	}
	return usage + " (" + value + ")"
}

// unquoteUsage takes the value's name, in back-quotes as package flag has it, out of the usage.
func unquoteUsage(doc cli.DocGenerationFlag) (placeholder, usage string) {
	usage = doc.GetUsage()
	if before, rest, ok := strings.Cut(usage, "`"); ok {
		if name, after, ok := strings.Cut(rest, "`"); ok {
			placeholder, usage = name, before+name+after
		}
	}
	if !doc.TakesValue() {
		return "", usage
	}
	if placeholder == "" {
		placeholder = "VALUE"
	}
	return placeholder, usage
}

// writeEntry writes name and its explanation in two columns.
func writeEntry(b *strings.Builder, name, text string) {
	name = "  " + name
	column := 0
	if len(name) >= helpColumn {
		b.WriteString(name + "\n")
	} else {
		fmt.Fprintf(b, "%-*s", helpColumn, name)
		column = helpColumn
	}
	for _, word := range strings.Fields(text) {
		switch {
		case column == 0:
			fmt.Fprintf(b, "%*s", helpColumn, "")
			column = helpColumn
		case column > helpColumn && column+1+len(word) > helpWidth:
			fmt.Fprintf(b, "\n%*s", helpColumn, "")
			column = helpColumn
		case column > helpColumn:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteByte('\n')
}
