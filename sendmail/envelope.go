package sendmail

import (
	"time"

	"github.com/emersion/go-smtp"
)

// Recipient is one RCPT.
type Recipient struct {
	Address string `json:"address"`
	// DSN's NOTIFY and ORCPT, and RRVS. DeliverBy and MTPriority must be unset: they belong to MAIL (RFC 2852 §4, RFC
	// 6710 §4.1), so to the Envelope.
	Options smtp.RcptOptions `json:"options,omitzero"`
}

// To makes plain recipients of addresses.
func To(addresses ...string) []Recipient {
	to := make([]Recipient, len(addresses))
	for i, a := range addresses {
		to[i].Address = a
	}
	return to
}

// Envelope is who a letter is from, who it goes to and what is asked of the server. What is asked for and not offered
// is an *UnsupportedError. SIZE, BODY and SMTPUTF8 are declared as the letter and the addresses need it.
type Envelope struct {
	From string      `json:"from"` // "" is the empty sender, of bounces
	To   []Recipient `json:"to"`
	// Options asks for DSN (Return, EnvelopeID), RequireTLS, UTF8, Auth, or a Body that must be offered. Size is ignored:
	// the letter's own is declared.
	Options   smtp.MailOptions       `json:"options,omitzero"`
	HoldFor   time.Duration          `json:"holdFor,omitzero"`   // FUTURERELEASE, whole seconds
	HoldUntil time.Time              `json:"holdUntil,omitzero"` // FUTURERELEASE
	DeliverBy *smtp.DeliverByOptions `json:"deliverBy,omitempty"`
	Priority  *int                   `json:"priority,omitempty"` // MT-PRIORITY, -9 to 9
	// AllOrNothing stops before the letter when one recipient is refused.
	AllOrNothing bool `json:"allOrNothing,omitempty"`
}
