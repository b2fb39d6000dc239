package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"

	"posta/internal/atomicfile"
	"posta/mxlookup/mtasts"
	"posta/sendmail/direct"
)

// policyStore keeps MTA-STS policies below the state directory, a file for each domain.
type policyStore struct {
	dir  string
	warn func(format string, args ...any)
	once sync.Once // what cannot be written is said once
}

// keptPolicy is what a file has.
type keptPolicy struct {
	Domain string      `json:"domain"`
	ID     string      `json:"id"`
	Mode   mtasts.Mode `json:"mode"`
	MX     []string    `json:"mx"`
	Until  time.Time   `json:"until"`
}

// keptPolicies is the user's store; nil where there is no place for one. What a sandbox publishes is not kept: it would hold
// for the true domain too.
func keptPolicies(e *env) direct.PolicyStore {
	dir := stateDir(e)
	if dir == "" || e.getenv("POSTA_SANDBOX") != "" {
		return nil
	}
	return &policyStore{dir: filepath.Join(dir, "mta-sts"), warn: e.warn}
}

// path is the file of a domain, whatever characters that has.
func (s *policyStore) path(domain string) string {
	sum := sha256.Sum256([]byte(domain))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:16])+".json")
}

// Load reads a domain's policy. A file that cannot be read, or that is another's, is as if there was none.
func (s *policyStore) Load(domain string) (*mtasts.Policy, time.Time) {
	text, err := os.ReadFile(s.path(domain))
	if err != nil {
		return nil, time.Time{}
	}
	var k keptPolicy
	if err := json.Unmarshal(text, &k); err != nil || k.Domain != domain {
		return nil, time.Time{}
	}
	return &mtasts.Policy{ID: k.ID, Mode: k.Mode, MX: k.MX, MaxAge: time.Until(k.Until)}, k.Until
}

// Save writes a domain's policy.
func (s *policyStore) Save(domain string, p *mtasts.Policy, until time.Time) {
	text, err := json.Marshal(keptPolicy{Domain: domain, ID: p.ID, Mode: p.Mode, MX: p.MX, Until: until.UTC().Truncate(time.Second)})
	if err == nil {
		err = os.MkdirAll(s.dir, 0o700)
	}
	if err == nil {
		err = atomicfile.WriteFile(s.path(domain), append(text, '\n'))
	}
	if err != nil {
		s.once.Do(func() { s.warn("MTA-STS policies are not kept: %v", err) })
	}
}
