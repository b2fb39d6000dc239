package account

import "strings"

// Error is a fault of the configuration. Its text shows no secret.
type Error struct {
	File string // "" when it is in none
	Key  string // "account.work.tls"; "" when it is the file's
	Err  error
}

func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.File, e.Key} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	return b.String() + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// URLError is a URL that names no server.
type URLError struct {
	URL    string // without its password
	Reason string
}

func (e *URLError) Error() string { return e.URL + ": " + e.Reason }
