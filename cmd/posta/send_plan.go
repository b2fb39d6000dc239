package main

import (
	"fmt"

	"posta/internal/dialer"
)

// showPlan is -n: the letter as it would go out on standard output, the dialogue on standard error. With --json
// the plan is an object and the letter is left out.
func (s *sending) showPlan(out *outgoing) error {
	if s.opt.json {
		return s.env.out.JSON(struct {
			Server    string `json:"server"`
			Security  string `json:"security"`
			MessageID string `json:"messageId"`
			Size      int64  `json:"size"`
			Envelope  any    `json:"envelope"`
		}{s.conn.server.String(), securityName(s.conn.dialer.Security), out.messageID, out.letter.Size(), out.envelope})
	}
	s.env.warn("would connect to %s, %s", s.conn.server, securityName(s.conn.dialer.Security))
	if user := s.conn.server.User; user != "" {
		s.env.warn("would log in as %s", user)
	}
	s.env.warn("would say MAIL FROM:<%s>", out.envelope.From)
	for _, r := range out.envelope.To {
		s.env.warn("would say RCPT TO:<%s>", r.Address)
	}
	s.env.warn("would send %s", letterSize(out.letter.Size()))
	_, err := out.letter.WriteTo(s.env.out)
	return err
}

func letterSize(n int64) string { return fmt.Sprintf("a letter of %d octets", n) }

func securityName(s dialer.Security) string {
	switch s {
	case dialer.TLS:
		return "TLS"
	case dialer.StartTLS:
		return "STARTTLS"
	}
	return "plain text"
}
