package account

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// lookUpNetrc finds the password for a user at a host in the file that ftp(1) reads.
func lookUpNetrc(p place) (string, error) {
	path := p.getenv("NETRC")
	if path == "" {
		home := p.getenv(homeVariable())
		if home == "" {
			return "", fmt.Errorf("netrc: neither NETRC nor %s is set", homeVariable())
		}
		path = filepath.Join(home, ".netrc")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := private(f); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return "", err
	}
	password, err := scanNetrc(string(text), p.host, p.user)
	if err == nil && password == "" {
		err = fmt.Errorf("%s has no password for %s at %s", path, p.user, p.host)
	}
	return password, err
}

// A netrcEntry is one "machine HOST login USER password PASSWORD", the words in any order and on any lines.
type netrcEntry struct {
	fits            bool // its host is the one looked for, or it is "default"
	login, password string
}

// scanNetrc finds the password of the first entry for host (or of "default") with that user, or with none.
func scanNetrc(text, host, user string) (string, error) {
	var e netrcEntry
	for {
		word, rest, err := netrcWord(text)
		text = rest
		switch word {
		case "machine", "default", "":
			if e.fits && e.password != "" && (e.login == "" || e.login == user) {
				return e.password, nil
			}
			if word == "" || err != nil {
				return "", err
			}
			e = netrcEntry{fits: word == "default"}
		}
		var value string
		switch word {
		case "machine", "login", "password", "account":
			if value, text, err = netrcWord(text); err != nil {
				return "", err
			}
		}
		switch word {
		case "machine":
			e.fits = strings.EqualFold(value, host)
		case "login":
			e.login = value
		case "password":
			e.password = value
		}
	}
}

// netrcWord takes the next word from text, "" at its end. As curl reads it, a word may stand in double quotes with
// backslashes. Comments and the bodies of macros (macdef, up to an empty line) are passed over.
func netrcWord(text string) (word, rest string, err error) {
	const space = " \t\r\n"
	for {
		text = strings.TrimLeft(text, space)
		switch {
		case text == "":
			return "", "", nil
		case text[0] == '#':
			_, text, _ = strings.Cut(text, "\n")
			continue
		case text[0] == '"':
			return quotedWord(text[1:])
		}
		end := strings.IndexAny(text+"\n", space)
		if word, text = text[:end], text[end:]; word != "macdef" {
			return word, text, nil
		}
		_, text, _ = strings.Cut(text, "\n\n")
	}
}

// quotedWord reads up to the closing quotation mark.
func quotedWord(text string) (word, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:], nil
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errors.New("netrc: a quotation mark is not closed")
}
