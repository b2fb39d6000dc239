package sandbox

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"
)

// mechanisms is what a client is offered. SCRAM needs to know the password, so that it is there with Options.Users only.
func (p *peer) mechanisms() []string {
	mechs := []string{"PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"}
	if p.sb.opt.Users != nil {
		mechs = append([]string{"SCRAM-SHA-256", "SCRAM-SHA-1"}, mechs...)
	}
	if p.clientName() != "" {
		mechs = append(mechs, "EXTERNAL")
	}
	return mechs
}

// clientName is the name in the client's certificate, "" without one.
func (p *peer) clientName() string {
	if p.tls == nil || len(p.tls.PeerCertificates) == 0 {
		return ""
	}
	return p.tls.PeerCertificates[0].Subject.CommonName
}

// mechanism is the server's side of a mechanism, nil for an unknown one. The exchange ends with done, whose error is
// the login's.
func (p *peer) mechanism(mech string, done func(user string, right bool) error) sasl.Server {
	l := &login{users: p.sb.opt.Users, done: done}
	switch mech {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return l.password(user, password) })
	case "LOGIN":
		return &loginServer{login: l}
	case "CRAM-MD5":
		return &cramServer{login: l, host: p.sb.opt.Host}
	case "XOAUTH2":
		return &xoauth2Server{login: l}
	case "OAUTHBEARER":
		return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if l.password(o.Username, o.Token) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		})
	case "SCRAM-SHA-256", "SCRAM-SHA-1":
		if l.users != nil {
			return newScramServer(mech, l)
		}
	case "EXTERNAL":
		if name := p.clientName(); name != "" {
			return sasl.NewExternalServer(func(string) error { return l.done(name, true) })
		}
	}
	return nil
}

// login is what the mechanisms share: who is known, and where an exchange's end goes.
type login struct {
	users map[string]string // nil: every password is right
	done  func(user string, right bool) error
}

// password ends an exchange in which the password itself came.
func (l *login) password(user, password string) error {
	want, known := l.users[user]
	right := l.users == nil || known && subtle.ConstantTimeCompare([]byte(want), []byte(password)) == 1
	return l.done(user, right)
}

// loginServer is LOGIN (draft-murchison-sasl-login): two prompts.
type loginServer struct {
	*login
	user *string
}

func (s *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil && s.user == nil:
		return []byte("Username:"), false, nil
	case s.user == nil:
		user := string(response)
		s.user = &user
		return []byte("Password:"), false, nil
	}
	return nil, true, s.password(*s.user, string(response))
}

// cramServer is CRAM-MD5 (RFC 2195).
type cramServer struct {
	*login
	host      string
	challenge []byte
}

func (s *cramServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if s.challenge == nil {
		s.challenge = []byte("<" + rand.Text() + "@" + s.host + ">")
		return s.challenge, false, nil
	}
	at := bytes.LastIndexByte(response, ' ')
	if at < 0 {
		return nil, false, errors.New("no digest")
	}
	user, digest := string(response[:at]), response[at+1:]
	password, known := s.users[user]
	mac := hmac.New(md5.New, []byte(password))
	mac.Write(s.challenge)
	want := []byte(hex.EncodeToString(mac.Sum(nil)))
	return nil, true, s.done(user, s.users == nil || known && hmac.Equal(want, digest))
}

// xoauth2Server is Google's XOAUTH2: OAUTHBEARER's forerunner. The token is taken for a password.
type xoauth2Server struct{ *login }

func (s *xoauth2Server) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return []byte{}, false, nil
	}
	var user, token string
	for param := range strings.SplitSeq(string(response), "\x01") {
		key, value, _ := strings.Cut(param, "=")
		switch key {
		case "user":
			user = value
		case "auth":
			_, token, _ = strings.Cut(value, " ")
		}
	}
	return nil, true, s.password(user, token)
}
