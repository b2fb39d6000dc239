package main

import (
	"errors"
	"time"

	"posta/fetch/query"
	"posta/internal/account"
)

// readQuery reads a query from a command's arguments. That of a word which is no key names the nearest one.
func readQuery(args []string, now time.Time) (*query.Query, error) {
	q, err := query.ParseArgs(args, now)
	var unknown *query.Error
	switch {
	case errors.As(err, &unknown) && unknown.Unknown:
		return nil, usageError("%w (nearest: %q)", err, account.Nearest(unknown.Word, append([]string{"not", "or"}, query.Keys()...)))
	case err != nil:
		return nil, usageError("%w", err)
	}
	return q, nil
}
