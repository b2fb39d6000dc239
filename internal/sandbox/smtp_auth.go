package sandbox

import (
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// AuthMechanisms is what EHLO offers.
func (s *session) AuthMechanisms() []string { return s.f.mechanisms() }

// Auth is the server's side of a mechanism.
func (s *session) Auth(mech string) (sasl.Server, error) {
	server := s.f.mechanism(mech, func(user string, right bool) error { return s.authenticated(mech, user, right) })
	if server == nil {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return server, nil
}

// authenticated ends an exchange: what is scripted for the stage auth comes first.
func (s *session) authenticated(mech, user string, right bool) error {
	reply, err := s.f.misbehave("auth", user)
	switch {
	case err != nil:
		return err
	case reply != "":
		s.f.override = reply
		if refusal(reply) {
			return smtp.ErrAuthFailed
		}
	case !right:
		return smtp.ErrAuthFailed
	}
	s.mechanism, s.user = mech, user
	return nil
}
