package direct

import (
	"context"
	"time"

	"posta/mxlookup/mtasts"
)

// PolicyStore keeps MTA-STS policies from one run to the next, so that nobody can hide a policy that was seen once
// (RFC 8461 §5.1). It may be called from several goroutines.
type PolicyStore interface {
	// Load is the policy that was kept for a domain and until when it is good; nil: none.
	Load(domain string) (policy *mtasts.Policy, until time.Time)
	// Save keeps a policy in place of another. That it cannot is for the store to tell: the letter goes on.
	Save(domain string, policy *mtasts.Policy, until time.Time)
}

// policyEntry is the MTA-STS policy of a domain as it was found.
type policyEntry struct {
	policy *mtasts.Policy // nil: none
	until  time.Time
}

// failedPolicy is for how long a policy that could not be fetched is not asked for again (RFC 8461 §3.3).
const failedPolicy = 5 * time.Minute

// policy is the MTA-STS policy of a domain, nil when it has none that can be had.
func (s *Sender) policy(ctx context.Context, domain string) (*mtasts.Policy, error) {
	if s.cfg.Policies == nil {
		return nil, nil
	}
	s.mu.Lock()
	e := s.policies[domain]
	s.mu.Unlock()
	if e != nil && time.Now().Before(e.until) {
		return e.policy, nil
	}
	e = s.findPolicy(ctx, domain)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.policies) > 10_000 {
		clear(s.policies)
	}
	s.policies[domain] = e
	return e.policy, nil
}

// findPolicy asks for the policy, unless the one that is kept is the one that is announced. One that is kept and still good holds
// when there is none to be had now: someone may be hiding it (RFC 8461 §5.1).
func (s *Sender) findPolicy(ctx context.Context, domain string) *policyEntry {
	kept := &policyEntry{until: time.Now().Add(failedPolicy)}
	if s.cfg.Kept != nil {
		if policy, until := s.cfg.Kept.Load(domain); policy != nil && time.Now().Before(until) {
			kept = &policyEntry{policy, until}
		}
	}
	id, err := s.cfg.Policies.Announced(ctx, domain)
	if err != nil || kept.policy != nil && kept.policy.ID == id {
		return kept
	}
	policy, err := s.cfg.Policies.Fetch(ctx, domain)
	if err != nil {
		return kept
	}
	policy.ID = id
	e := &policyEntry{policy, time.Now().Add(policy.MaxAge)}
	if s.cfg.Kept != nil {
		s.cfg.Kept.Save(domain, policy, e.until)
	}
	return e
}
