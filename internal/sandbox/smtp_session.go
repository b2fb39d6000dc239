package sandbox

import (
	"crypto/tls"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"
)

// session is what go-smtp's server tells of a connection's dialogue.
type session struct {
	f         *front
	helo      string
	esmtp     bool
	mechanism string
	user      string

	mu sync.Mutex
	tx *transaction // read by go-smtp's goroutine of a BDAT that is given up, while the next begins
}

// transaction is the envelope of the letter that is coming, and the letter itself when it comes by DATA.
type transaction struct {
	from     string
	mail     *Mail
	to       []string
	parsed   []string // to as go-smtp knows them
	rcpt     []Rcpt
	chunking bool   // BDAT came
	letter   *spool // what came by DATA
	failed   error  // why that cannot be kept
}

func newSession(f *front) *session { return &session{f: f, tx: &transaction{}} }

func (s *session) hello(verb, arg string) {
	s.helo, _, _ = strings.Cut(strings.TrimSpace(arg), " ")
	s.esmtp = verb != "HELO"
}

func (s *session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tx = &transaction{}
}

func (s *session) transaction() *transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tx
}

func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, opts *smtp.MailOptions) error {
	if s.f.sb.opt.RequireAuth && s.mechanism == "" && s.f.kind != lmtp {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.tx.from, s.tx.mail = s.asWritten(from), mailOptions(opts)
	return nil
}

func (s *session) Rcpt(to string, opts *smtp.RcptOptions) error {
	s.tx.to, s.tx.parsed = append(s.tx.to, s.asWritten(to)), append(s.tx.parsed, to)
	s.tx.rcpt = append(s.tx.rcpt, rcptOptions(opts))
	return nil
}

// asWritten is the address as the client wrote it, quotes and all; go-smtp has undone them.
func (s *session) asWritten(parsed string) string {
	if s.f.path == "" || strings.HasPrefix(s.f.path, "@") { // RFC 5321 appendix C: a source route
		return parsed
	}
	return s.f.path
}

// addresses is whom a fault at the letter's stages can match.
func (tx *transaction) addresses() []string { return append([]string{tx.from}, tx.to...) }

// Data takes the letter.
func (s *session) Data(r io.Reader) error {
	tx := s.transaction()
	sp, err := s.collect(tx, r)
	if err != nil {
		return err
	}
	fault := s.f.sb.faults.strike("smtp", "end", tx.addresses()...)
	if fault.refuses() {
		sp.discard()
	} else if err := s.keep(tx, sp, tx.to, tx.rcpt); err != nil {
		sp.discard()
		return err
	}
	s.f.override, err = s.f.suffer(fault)
	return err
}

// LMTPData is Data with a reply for each recipient (RFC 2033 §4.2): the letter is kept for those who are not refused.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	tx := s.transaction()
	sp, err := s.collect(tx, r)
	if err != nil {
		return err
	}
	var to []string
	var rcpt []Rcpt
	replies := make([]error, len(tx.to))
	for i, addr := range tx.to {
		reply, err := s.f.misbehave("end", addr)
		switch {
		case err != nil:
			sp.discard()
			return err
		case reply != "":
			replies[i] = parseReply(reply)
		}
		if !refusal(reply) {
			to, rcpt = append(to, addr), append(rcpt, tx.rcpt[i])
		}
	}
	if len(to) == 0 {
		sp.discard()
	} else if err := s.keep(tx, sp, to, rcpt); err != nil {
		sp.discard()
		return err
	}
	for i, reply := range replies {
		status.SetStatus(tx.parsed[i], reply)
	}
	return nil
}

// collect is the letter, whole: the chunks from r, or what front has taken while r was read.
func (s *session) collect(tx *transaction, r io.Reader) (sp *spool, err error) {
	if tx.chunking {
		sp = s.f.sb.newSpool()
		_, err = io.Copy(sp, r)
	} else if _, err = io.Copy(io.Discard, r); err == nil {
		sp, err = tx.letter, tx.failed
	}
	if err == nil {
		return sp, nil
	}
	if sp != nil {
		sp.discard()
	}
	if errors.Is(err, errTooLarge) {
		return nil, smtp.ErrDataTooLarge
	}
	return nil, &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: err.Error()}
}

// keep stores the letter for those recipients.
func (s *session) keep(tx *transaction, sp *spool, to []string, rcpt []Rcpt) error {
	m := &Message{From: tx.from, To: to, Mail: tx.mail, Session: s.facts(tx)}
	for _, r := range rcpt {
		if r.Notify != nil || r.Original != "" || r.DeliverBy != "" || r.Priority != nil {
			m.Rcpt = rcpt
		}
	}
	return s.f.sb.keep(m, sp)
}

// facts is what is known of the connection. The protocol's name is RFC 3848's and RFC 6531 §4.3's.
func (s *session) facts(tx *transaction) Session {
	facts := Session{
		Helo: s.helo, Remote: s.f.nc.RemoteAddr().String(),
		Mechanism: s.mechanism, User: s.user, Chunked: tx.chunking,
	}
	switch {
	case s.f.kind == lmtp:
		facts.Protocol = "LMTP"
	case !s.esmtp:
		facts.Protocol = "SMTP"
	case tx.mail != nil && tx.mail.UTF8:
		facts.Protocol = "UTF8SMTP"
	default:
		facts.Protocol = "ESMTP"
	}
	if t := s.f.tls; t != nil {
		facts.TLS, facts.Cipher = tls.VersionName(t.Version), tls.CipherSuiteName(t.CipherSuite)
		facts.Protocol += "S"
	}
	if s.mechanism != "" {
		facts.Protocol += "A"
	}
	return facts
}
