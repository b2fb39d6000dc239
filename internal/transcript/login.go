package transcript

import (
	"bytes"
	"strings"
)

// login tells whether a client's line carries credentials, and how much of it may be shown. It rather hides too much.
func login(line []byte) (shown string, secret bool) {
	words := bytes.Fields(line[:min(len(line), maxShown)])
	if len(words) < 2 {
		return "", false
	}
	switch verb := strings.ToUpper(string(words[0])); verb {
	case "PASS", "APOP": // RFC 1939 §7
		return verb, true
	case "AUTH": // RFC 4954 §4, RFC 5034 §4
		return saslCommand(verb, words[1:])
	}
	// RFC 9051 §2.2.1: a tag stands before the command.
	tag := string(words[0])
	switch verb := strings.ToUpper(string(words[1])); verb {
	case "LOGIN":
		return tag + " " + verb, true
	case "AUTHENTICATE":
		return saslCommand(tag+" "+verb, words[2:])
	}
	return "", false
}

// saslCommand shows the mechanism and hides the initial response. Without one there is nothing to hide.
func saslCommand(command string, args [][]byte) (shown string, secret bool) {
	if len(args) < 2 {
		return "", false
	}
	return command + " " + string(args[0]), true
}
