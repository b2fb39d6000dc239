package mailflow

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"

	"posta/mxlookup"
)

// Organization is the organisational domain of a domain, by the public suffix list (RFC 7489 §3.2).
func Organization(domain string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return org
	}
	return domain
}

// Aligned says whether an authenticated domain vouches for that of the From field (RFC 7489 §3.1): the same, or, when
// relaxed, of the same organisation.
func Aligned(authenticated, from string, strict bool) bool {
	authenticated, from = strings.ToLower(authenticated), strings.ToLower(from)
	return authenticated == from || !strict && Organization(authenticated) == Organization(from)
}

// errManyDMARC is the error of a domain with several records (RFC 7489 §6.6.3, step 5).
var errManyDMARC = errors.New("there must be one: receivers ignore all")

// DMARC finds the policy for a domain: its own or that of its organisation (RFC 7489 §6.6.3). Where is the domain
// that publishes it, "" when none does; text is the record. Tags that are wrong are ignored (RFC 7489 §6.3).
func DMARC(ctx context.Context, r *mxlookup.Resolver, domain string) (record *dmarc.Record, where, text string, err error) {
	for _, name := range []string{domain, Organization(domain)} {
		var found []string
		texts, _, err := r.TXT(ctx, "_dmarc."+name)
		if err != nil && !none(err) {
			return nil, "", "", err
		}
		for _, t := range texts {
			if isDMARC(t) {
				found = append(found, t)
			}
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			record, _, err := readDMARC(found[0])
			return record, name, found[0], err
		}
		return nil, name, fmt.Sprintf("%d records", len(found)), errManyDMARC // nor is the organisation's asked for
	}
	return nil, "", "", nil
}

// checkDMARC reads the domain's DMARC policy.
func (k *check) checkDMARC(ctx context.Context) {
	record, where, text, err := DMARC(ctx, k.Resolver, k.domain)
	switch {
	case where != "" && err != nil:
		k.add(Bad, "dmarc", "RFC 7489 §6.3", "correct the record", "%s: %v", text, err)
		return
	case k.lost("dmarc", err):
		return
	case where == "":
		k.add(Warn, "dmarc", "RFC 7489 §6.1", "publish v=DMARC1; p=none; rua=mailto:… and read the reports", "no policy: anyone may write the domain in From")
		return
	}
	if _, wrong, _ := readDMARC(text); len(wrong) > 0 {
		k.add(Bad, "dmarc", "RFC 7489 §6.3", "correct it: receivers ignore it", "%s", strings.Join(wrong, "; "))
	}
	policy, of := record.Policy, ""
	if where != k.domain {
		of = " (of " + where + ")"
		if record.SubdomainPolicy != "" {
			policy = record.SubdomainPolicy
		}
	}
	k.dmarc = string(policy)
	if policy == dmarc.PolicyNone {
		k.add(Warn, "dmarc", "RFC 7489 §6.3", "go on to quarantine and reject when the reports are clean", "p=none%s: forged mail is delivered", of)
	} else {
		k.add(OK, "dmarc", "RFC 7489 §6.3", "", "p=%s%s, alignment of SPF %s and DKIM %s", policy, of,
			alignment(record.SPFAlignment), alignment(record.DKIMAlignment))
	}
	if sub := record.SubdomainPolicy; where == k.domain && sub == dmarc.PolicyNone && policy != dmarc.PolicyNone {
		k.add(Warn, "dmarc", "RFC 7489 §6.3", "remove sp when the reports are clean", "sp=none: forged mail from names below the domain is delivered")
	}
	if record.Percent != nil && *record.Percent < 100 {
		k.add(Warn, "dmarc", "RFC 7489 §6.6.4", "remove pct", "the policy is for %d %% of the mail", *record.Percent)
	}
	if len(record.ReportURIAggregate) == 0 {
		k.add(Info, "dmarc", "RFC 7489 §7", "add rua=mailto:… to see who sends in the domain's name", "no reports are asked for")
	}
	k.checkReports(ctx, where, append(record.ReportURIAggregate, record.ReportURIFailure...))
}

func alignment(mode dmarc.AlignmentMode) string {
	if mode == dmarc.AlignmentStrict {
		return "strict"
	}
	return "relaxed"
}

// checkReports looks at where reports go: others have to agree to get them (RFC 7489 §7.1).
func (k *check) checkReports(ctx context.Context, where string, addresses []string) {
	seen := map[string]bool{}
	for _, uri := range addresses {
		address, _, _ := strings.Cut(strings.TrimPrefix(uri, "mailto:"), "!")
		domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
		if domain == "" || seen[domain] || Organization(domain) == Organization(where) {
			continue
		}
		seen[domain] = true
		texts, _, err := k.Resolver.TXT(ctx, where+"._report._dmarc."+domain)
		if k.lost("dmarc", err) {
			continue
		}
		if len(texts) == 0 {
			k.add(Warn, "dmarc", "RFC 7489 §7.1", "have "+domain+" publish v=DMARC1 at "+where+"._report._dmarc."+domain, "%s has not agreed to get reports", domain)
		}
	}
}
