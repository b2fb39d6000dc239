package mailflow

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"posta/mxlookup"
	"posta/mxlookup/mtasts"
)

// Level is how a finding is to be taken.
type Level string

// The levels. Unknown means that it could not be found out now.
const (
	OK      Level = "ok"
	Info    Level = "info"
	Warn    Level = "warn"
	Bad     Level = "bad"
	Unknown Level = "unknown"
)

// Finding is one thing that a check found out.
type Finding struct {
	Level   Level   `json:"level"`
	Subject string  `json:"subject"` // "mx", a host (and "[address]", where it has several), "spf", "dmarc", …
	Text    string  `json:"text"`
	Ref     string  `json:"reference,omitempty"` // where it is written: "RFC 7208 §4.6.4"
	Advice  string  `json:"advice,omitempty"`    // what to do about it
	Millis  float64 `json:"ms,omitempty"`        // how long it took, where that says something
}

// Report is all that a check found out about a domain.
type Report struct {
	Domain   string    `json:"domain"`
	Findings []Finding `json:"findings"`
}

// Worst is the worst level of all findings: Bad before Unknown before Warn before OK.
func (r *Report) Worst() Level {
	rank := func(l Level) int {
		for i, level := range []Level{Warn, Unknown, Bad} {
			if l == level {
				return i + 1
			}
		}
		return 0
	}
	worst := OK
	for _, f := range r.Findings {
		if rank(f.Level) > rank(worst) {
			worst = f.Level
		}
	}
	return worst
}

// Checker checks domains. It may be used by several goroutines once it is set up.
type Checker struct {
	Resolver   *mxlookup.Resolver // asked with DNSSEC, else there is no DANE
	Port       int                // of the mail servers; 0: 25
	Redirect   int                // connect to this port instead, where a test has what the world has at Port; 0: no
	PolicyPort int                // of the server of the MTA-STS policy; 0: 443
	Timeout    time.Duration      // for connecting and for every silence; 0: 30 s
	LocalName  string             // for EHLO; "": the host's
	RootCAs    *x509.CertPool     // nil: the system's
	Selectors  []string           // of DKIM keys to look for; none: those that are common
	Sender     netip.Addr         // an address that mail from the domain comes from; none: any
	DNSOnly    bool               // connect to nobody
	Private    bool               // connect to hosts with private and loopback addresses too
	Now        func() time.Time   // nil: time.Now
}

// check is one domain being checked.
type check struct {
	*Checker
	domain  string
	at      string // the address of the host that is talked to, where there are several
	report  *Report
	policy  *mtasts.Policy
	secure  bool   // the answer that names the hosts was validated
	dmarc   string // the policy that is in force: "reject", …
	blocked int    // connections that timed out, of
	tried   int
}

// apart does the parts of a check at once, each in a check of its own, and takes over their findings in order.
func (k *check) apart(n int, part func(i int, k *check)) {
	parts := make([]check, n)
	var all sync.WaitGroup
	for i := range parts {
		parts[i] = check{Checker: k.Checker, domain: k.domain, policy: k.policy, secure: k.secure, report: &Report{}}
		all.Go(func() { part(i, &parts[i]) })
	}
	all.Wait()
	for i := range parts {
		k.report.Findings = append(k.report.Findings, parts[i].report.Findings...)
		k.blocked += parts[i].blocked
		k.tried += parts[i].tried
	}
}

// Check finds out all about a domain. Its error is that of ctx alone; everything else is a finding.
func (c *Checker) Check(ctx context.Context, domain string) (*Report, error) {
	k := &check{Checker: c, domain: domain, report: &Report{Domain: domain}}
	k.checkPolicy(ctx) // which the others are held against
	steps := []func(*check, context.Context){
		(*check).checkMail, (*check).checkSPF, (*check).checkSenders, (*check).checkKeys, (*check).checkTLSRPT, (*check).checkServices,
	}
	k.apart(len(steps), func(i int, k *check) { steps[i](k, ctx) })
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return k.report, nil
}

// checkMail looks at whether mail arrives.
func (k *check) checkMail(ctx context.Context) {
	k.checkHosts(ctx)
	k.checkBlocked()
}

// checkSenders looks at what is asked of who writes the domain in From, and shown of it.
func (k *check) checkSenders(ctx context.Context) {
	k.checkDMARC(ctx)
	k.checkBIMI(ctx)
}

// add notes a finding.
func (k *check) add(level Level, subject, ref, advice, format string, args ...any) {
	if k.at != "" {
		subject += " [" + k.at + "]"
	}
	k.report.Findings = append(k.report.Findings, Finding{
		Level: level, Subject: subject, Ref: ref, Advice: advice, Text: fmt.Sprintf(format, args...),
	})
}

// took notes how long the last finding took to find.
func (k *check) took(d time.Duration) {
	k.report.Findings[len(k.report.Findings)-1].Millis = float64(d.Microseconds()) / 1000
}

// lost notes that something could not be found out; false when there was no error, or the error is an answer.
func (k *check) lost(subject string, err error) bool {
	if err == nil || none(err) {
		return false
	}
	k.add(Unknown, subject, "", "try again later", "%v", err)
	return true
}

// none says whether an error means that there is no such record.
func none(err error) bool {
	return errors.Is(err, mxlookup.ErrNoDomain) || errors.Is(err, mxlookup.ErrNoRecord) || errors.Is(err, mxlookup.ErrNoMail)
}

func (c *Checker) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}
