package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

func newCompletionCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a script that completes posta's commands and flags",
		ArgsUsage: "bash|zsh|fish",
		Action:    func(c *cli.Context) error { return runCompletion(c, e) },
	}
}

func runCompletion(c *cli.Context, e *env) error {
	if c.NArg() != 1 {
		return usageError("completion: name one shell: bash, zsh or fish")
	}
	words := completionWords("", &cli.Command{Subcommands: c.App.Commands, Flags: c.App.Flags})
	var script string
	switch shell := c.Args().First(); shell {
	case "bash":
		script = shellCompletion(words) + bashCompletion
	case "zsh":
		script = "#compdef posta\nautoload -U +X bashcompinit && bashcompinit\n" + shellCompletion(words) + bashCompletion
	case "fish":
		script = fishCompletion(words)
	default:
		return usageError("completion: no script for %q; there are bash, zsh and fish", shell)
	}
	_, err := e.out.Write([]byte(script))
	return err
}

// pathWords is what may follow a command path: "mime" → unpack, tree, …, --help.
type pathWords struct {
	path  string
	words []string
}

// completionWords lists path and every command path below it with the words that may follow.
func completionWords(path string, cmd *cli.Command) []pathWords {
	here := pathWords{path: path, words: append(commandNames(cmd.Subcommands), flagNames(cmd)...)}
	all := []pathWords{here}
	for _, sub := range cmd.Subcommands {
		if !sub.Hidden {
			all = append(all, completionWords(strings.TrimPrefix(path+" "+sub.Name, " "), sub)...)
		}
	}
	return all
}

// flagNames is cmd's flags as they are typed: -s, --subject.
func flagNames(cmd *cli.Command) []string {
	var names []string
	for _, f := range cmd.Flags {
		for _, n := range f.Names() {
			names = append(names, dashed(n))
		}
	}
	return append(names, "--help")
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// shellCompletion is a function that prints the words after a command path.
func shellCompletion(words []pathWords) string {
	var b strings.Builder
	b.WriteString("_posta_words() {\n\tcase \"$1\" in\n")
	for _, w := range words {
		fmt.Fprintf(&b, "\t%q) echo %q ;;\n", w.path, strings.Join(w.words, " "))
	}
	b.WriteString("\tesac\n}\n")
	return b.String()
}

// bashCompletion walks the words typed so far down the command paths, then offers what may follow, or files.
const bashCompletion = `_posta() {
	local cur path="" word i
	cur="${COMP_WORDS[COMP_CWORD]}"
	for ((i = 1; i < COMP_CWORD; i++)); do
		word="${COMP_WORDS[i]}"
		if [ -n "$(_posta_words "${path:+$path }$word")" ]; then path="${path:+$path }$word"; fi
	done
	COMPREPLY=($(compgen -W "$(_posta_words "$path")" -- "$cur"))
	if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _posta posta
`

func fishCompletion(words []pathWords) string {
	var b strings.Builder
	for _, w := range words {
		condition := "__fish_use_subcommand"
		if w.path != "" {
			condition = "__fish_seen_subcommand_from " + strings.ReplaceAll(w.path, " ", "; and __fish_seen_subcommand_from ")
		}
		for _, word := range w.words {
			option := "-a " + word
			if long, ok := strings.CutPrefix(word, "--"); ok {
				option = "-l " + long
			} else if short, ok := strings.CutPrefix(word, "-"); ok {
				option = "-s " + short
			}
			fmt.Fprintf(&b, "complete -c posta -n '%s' %s\n", condition, option)
		}
	}
	return b.String()
}
