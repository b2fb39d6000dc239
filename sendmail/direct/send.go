package direct

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"posta/mxlookup"
	"posta/mxlookup/mtasts"
	"posta/sendmail"
)

// Config says how to send.
type Config struct {
	Resolver *mxlookup.Resolver // with DNSSEC, else there is no DANE
	// Server is the pattern for every connection: time limit, local name and address, trust roots, transcript. Its
	// Dialer.Security has to be StartTLS; address and server name are filled in.
	Server   sendmail.Config
	Port     string         // of the hosts; "": 25
	Policies *mtasts.Client // nil: no MTA-STS
	Kept     PolicyStore    // its policies of earlier runs; nil: none
	Family   int            // of IP: 4, 6, or 0 for both
	OwnNames []string       // names of this host, to see loops; Server.LocalName is one
}

// Sender sends letters. It may be used by several goroutines, each with a letter of its own.
type Sender struct {
	cfg Config

	mu       sync.Mutex
	policies map[string]*policyEntry // by domain, for the life of the Sender
	silences map[netip.Addr]silence
}

// New makes a sender.
func New(cfg Config) *Sender {
	if cfg.Port == "" {
		cfg.Port = "25"
	}
	cfg.Server.Auth = nil
	return &Sender{cfg: cfg, policies: make(map[string]*policyEntry), silences: make(map[netip.Addr]silence)}
}

// Errors of a recipient that no server is asked about.
var (
	ErrNullMX = errors.New("the domain takes no mail (null MX, RFC 7505)")         // for good
	ErrLoop   = errors.New("the domain's mail loops back to this host")            // for good (RFC 5321 §5.1)
	ErrNoHost = errors.New("no host of the domain could be reached")               // later
	ErrPolicy = errors.New("no host of the domain satisfies its security policy")  // later (RFC 8461 §5, RFC 7672 §2.2)
	ErrDomain = errors.New("the address has no domain that mail could be sent to") // for good
)

// Outcome is what became of one recipient.
type Outcome struct {
	Recipient sendmail.Recipient
	Host      string // the host that decided; "" when none was reached
	Security  Security
	ID        string // the host's name for the letter
	Reply     string // the host's reply to the letter
	Err       error  // nil: the host has taken the letter
}

// Temporary says whether the recipient is worth another try.
func (o *Outcome) Temporary() bool { return o.Err != nil && !isPermanent(o.Err) }

func isPermanent(err error) bool {
	for _, final := range []error{ErrNullMX, ErrLoop, ErrDomain} {
		if errors.Is(err, final) {
			return true
		}
	}
	if errors.Is(err, ErrNoHost) || errors.Is(err, ErrPolicy) {
		return false
	}
	var smtp *sendmail.Error
	if errors.As(err, &smtp) && (smtp.Code != 0 || smtp.InDoubt) {
		return !smtp.Temporary()
	}
	if sendmail.IsPermanent(err) {
		return true
	}
	var lookup *mxlookup.Error
	return errors.As(err, &lookup) && !lookup.Temporary()
}

// Domain is the domain of a recipient, as the DNS has it, or ErrDomain.
func Domain(address string) (string, error) {
	domain, err := mxlookup.Domain(address)
	if err != nil || !strings.Contains(address, "@") {
		return "", ErrDomain
	}
	return domain, nil
}

// Send sends a letter to every recipient of an envelope. There is one outcome for each, in the envelope's order.
func (s *Sender) Send(ctx context.Context, env *sendmail.Envelope, l *sendmail.Letter) []Outcome {
	outcomes := make([]Outcome, len(env.To))
	groups := map[string][]int{}
	var domains []string
	for i, rcpt := range env.To {
		outcomes[i].Recipient = rcpt
		domain, err := Domain(rcpt.Address)
		if err != nil {
			outcomes[i].Err = err
			continue
		}
		if groups[domain] == nil {
			domains = append(domains, domain)
		}
		groups[domain] = append(groups[domain], i)
	}
	for _, domain := range domains {
		s.sendTo(ctx, domain, env, l, outcomes, groups[domain])
	}
	return outcomes
}

// sendTo sends to the recipients at one domain; which are the places of their outcomes.
func (s *Sender) sendTo(ctx context.Context, domain string, env *sendmail.Envelope, l *sendmail.Letter, outcomes []Outcome, which []int) {
	part := *env
	part.To = nil
	for _, i := range which {
		part.To = append(part.To, env.To[i])
	}
	d := &delivery{Sender: s, domain: domain, env: &part, letter: l}
	if err := d.route(ctx); err != nil {
		d.err = err
	} else {
		d.tryHosts(ctx)
	}
	for _, i := range which {
		outcomes[i].Host, outcomes[i].Security = d.host, d.security
		d.judge(&outcomes[i])
	}
}

// judge takes over what the host said of a recipient.
func (d *delivery) judge(o *Outcome) {
	if d.result == nil {
		o.Err = d.err
		return
	}
	for _, refused := range d.result.Refused {
		if refused.Recipient.Address == o.Recipient.Address {
			o.Err = refused
			return
		}
	}
	if !slices.ContainsFunc(d.result.Accepted, func(r sendmail.Recipient) bool { return r.Address == o.Recipient.Address }) {
		o.Err = d.err
		if o.Err == nil {
			o.Err = ErrNoHost // never a success that nobody confirmed
		}
		return
	}
	for _, delivered := range d.result.Deliveries {
		if slices.Contains(delivered.Recipients, o.Recipient.Address) || len(d.result.Deliveries) == 1 {
			o.ID, o.Reply = delivered.ID, delivered.Reply
		}
	}
}
