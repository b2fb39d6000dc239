package sandbox

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net"
	"strings"

	"github.com/emersion/go-sasl"
)

// authorization answers the commands of the AUTHORIZATION state (RFC 1939 §4).
func (p *pop3) authorization(verb, arg string) error {
	switch verb {
	case "STLS":
		if p.tls != nil || p.lacks("STLS") {
			return p.line("-ERR TLS is not possible here")
		}
		p.upgrade = true
		return p.line("+OK begin TLS")
	case "USER":
		p.user = arg
		return p.line("+OK")
	case "PASS":
		return p.pass(arg)
	case "APOP":
		return p.apop(arg)
	case "AUTH":
		return p.auth(arg)
	case "UTF8":
		return p.line("+OK")
	}
	return p.line("-ERR log in first")
}

func (p *pop3) pass(password string) error {
	if p.user == "" {
		return p.line("-ERR USER first")
	}
	l := &login{users: p.sb.opt.Users, done: p.loggedIn}
	return p.loginResult(l.password(p.user, password))
}

// apop is RFC 1939 §7's login: the MD5 of the greeting's stamp and the password.
func (p *pop3) apop(arg string) error {
	user, digest, _ := strings.Cut(arg, " ")
	password, known := p.sb.opt.Users[user]
	sum := md5.Sum([]byte(p.stamp + password))
	right := p.sb.opt.Users == nil || known && hex.EncodeToString(sum[:]) == strings.ToLower(digest)
	return p.loginResult(p.loggedIn(user, right))
}

// auth is RFC 5034: a SASL exchange.
func (p *pop3) auth(arg string) error {
	name, initial, _ := strings.Cut(arg, " ")
	server := p.mechanism(strings.ToUpper(name), p.loggedIn)
	if server == nil {
		return p.line("-ERR no such mechanism")
	}
	return p.loginResult(p.exchange(server, initial))
}

// pop3Refusal is a login's refusal, as it is answered.
type pop3Refusal string

func (r pop3Refusal) Error() string { return string(r) }

func (p *pop3) exchange(server sasl.Server, initial string) error {
	response, err := decodeInitial(initial)
	for err == nil {
		challenge, done, nextErr := server.Next(response)
		var refused pop3Refusal
		switch {
		case nextErr != nil && !errors.As(nextErr, &refused) && !errors.Is(nextErr, net.ErrClosed):
			return pop3Refusal("-ERR [AUTH] " + nextErr.Error())
		case done || nextErr != nil:
			return nextErr
		}
		if err := p.line("+ " + base64.StdEncoding.EncodeToString(challenge)); err != nil {
			return err
		}
		var line string
		if line, err = p.readLine(); err != nil {
			return err
		}
		if line == "*" {
			return pop3Refusal("-ERR cancelled")
		}
		response, err = base64.StdEncoding.DecodeString(line)
	}
	return pop3Refusal("-ERR malformed base64")
}

// decodeInitial is an initial response: "=" is an empty one, "" none.
func decodeInitial(s string) ([]byte, error) {
	switch s {
	case "":
		return nil, nil
	case "=":
		return []byte{}, nil
	}
	return base64.StdEncoding.DecodeString(s)
}

// loggedIn ends a login: what is scripted for the stage login comes first. The error is a pop3Refusal,
// or the connection's.
func (p *pop3) loggedIn(user string, right bool) error {
	reply, err := p.misbehave("login", user)
	switch {
	case err != nil:
		return err
	case reply != "":
		return pop3Refusal(reply)
	case !right:
		return pop3Refusal("-ERR [AUTH] wrong user or password")
	}
	account := p.sb.accounts.open(user)
	if !account.lock() {
		return pop3Refusal("-ERR [IN-USE] another session has this mailbox")
	}
	p.user, p.account, p.entries = user, account, account.inbox().snapshot()
	return nil
}

// loginResult answers a login.
func (p *pop3) loginResult(err error) error {
	var refused pop3Refusal
	switch {
	case err == nil:
		return p.line("+OK logged in")
	case errors.As(err, &refused):
		return p.line(string(refused))
	}
	return err
}
