package mailflow

import (
	"strings"
)

// leadingAddress is where the address is that a line begins with; nil when it begins with something else.
func leadingAddress(line string) []int {
	at := addressPattern().FindStringIndex(line)
	if at == nil || strings.Trim(line[:at[0]], " \t<\"'[(>*-:") != "" {
		return nil
	}
	return at
}

// whatIsSaid is what a text says of each recipient: the rest of the line that begins with it, and what follows up to an
// empty line or the line of another one. Of several places, the first counts that has a server's code.
func whatIsSaid(text string, recipients []string) []string {
	place := map[string]int{}
	for i, r := range recipients {
		place[strings.ToLower(r)] = i
	}
	said := make([]string, len(recipients))
	coded := make([]bool, len(recipients))
	for off := 0; off < len(text); {
		end := off + len(text[off:])
		if n := strings.IndexByte(text[off:], '\n'); n >= 0 {
			end = off + n + 1
		}
		at := leadingAddress(text[off:end])
		if at != nil {
			i, ok := place[strings.ToLower(text[off+at[0]:off+at[1]])]
			if words := saidAfter(text[off+at[1]:]); ok && words != "" && !coded[i] && (said[i] == "" || hasCode(words)) {
				said[i], coded[i] = words, hasCode(words)
			}
		}
		off = end
	}
	lower := strings.ToLower(text)
	for i, r := range recipients {
		if at := strings.Index(lower, strings.ToLower(r)); said[i] == "" && at >= 0 && at+len(r) <= len(text) {
			said[i] = saidAfter(text[at+len(r):])
		}
	}
	return said
}

func hasCode(words string) bool { return enhanced().MatchString(words) || reply().MatchString(words) }

// saidAfter is what stands after an address. A paragraph that only announces the next ("because:") is none.
func saidAfter(rest string) string {
	rest = strings.TrimLeft(rest[:min(len(rest), 2*maxBounceLine)], ">:'\")] \t\r\n")
	if strings.HasPrefix(rest, "<mailto:") {
		_, rest, _ = strings.Cut(rest, ">")
	}
	var lines []string
	for line := range strings.Lines(strings.TrimLeft(rest, " \t\n")) {
		if strings.TrimSpace(line) == "" {
			if len(lines) == 1 && len(lines[0]) < 20 && strings.HasSuffix(strings.TrimSpace(lines[0]), ":") {
				lines = nil
			}
			if len(lines) == 0 {
				continue
			}
			break
		}
		if len(lines) > 0 && leadingAddress(line) != nil {
			break
		}
		lines = append(lines, line)
	}
	return shortLine(strings.Join(lines, ""))
}
