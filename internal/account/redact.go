package account

import (
	"errors"
	"net/url"
	"strings"
)

// redact is a URL that could not be parsed, without what may be its password.
func redact(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		rest, scheme = s, ""
	} else {
		scheme += "://"
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		user, _, secret := strings.Cut(rest[:i], ":")
		if secret {
			user += ":****"
		}
		rest = user + rest[i:]
	}
	return scheme + rest
}

// urlReason is the reason of an error of url.Parse, whose own text repeats the URL with its password.
func urlReason(err error) string {
	var e *url.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	switch err.(type) {
	case url.EscapeError, url.InvalidHostError:
		return "it has a % that stands for nothing, or a character that must be written with one"
	}
	if strings.Contains(err.Error(), "port") {
		return "the port must be a number; in a password write : / # ? and @ with %, as %3A"
	}
	return "it is no URL; write special characters with %, as %2F for /"
}
