// Package mtasts finds and applies the MTA-STS policy of a domain (RFC 8461): which hosts may take its mail, and that
// they must do so over TLS with a certificate that verifies.
//
// A policy is announced by a TXT record (§3.1) and fetched over HTTPS (§3.2, §3.3). Keeping it for its max_age, so that
// nobody can hide it later, is up to the caller, who has a place for it.
package mtasts

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// What can be wrong with a record or a policy.
var (
	ErrNone   = errors.New("no MTA-STS policy")
	ErrRecord = errors.New("malformed MTA-STS record")
	ErrPolicy = errors.New("malformed MTA-STS policy")
	ErrFetch  = errors.New("MTA-STS policy cannot be fetched")
)

// Mode is what a policy asks for (RFC 8461 §5).
type Mode string

// The modes.
const (
	Enforce Mode = "enforce" // hosts that do not match are not sent to
	Testing Mode = "testing" // they are, and reported
	None    Mode = "none"    // the policy is being withdrawn
)

// Policy is what a domain asks of who sends to it.
type Policy struct {
	ID     string        // of the record that announced it; "" when the policy was read by itself
	Mode   Mode          //
	MaxAge time.Duration // how long to keep it
	MX     []string      // the hosts, or "*." and a domain
}

// maxAge is the longest time for which a policy is kept (RFC 8461 §3.2).
const maxAge = 31557600 * time.Second

// ParseRecord is the id in the TXT records at _mta-sts.DOMAIN (RFC 8461 §3.1).
func ParseRecord(texts []string) (id string, err error) {
	var records []string
	for _, text := range texts {
		if text == "v=STSv1" || strings.HasPrefix(text, "v=STSv1;") || strings.HasPrefix(text, "v=STSv1 ") {
			records = append(records, text)
		}
	}
	switch len(records) {
	case 0:
		return "", ErrNone
	case 1:
	default: // "senders MUST assume the recipient domain does not have an available MTA-STS Policy"
		return "", fmt.Errorf("%w: %d records, there must be one", ErrRecord, len(records))
	}
	for tag := range strings.SplitSeq(records[0], ";") {
		name, value, _ := strings.Cut(tag, "=")
		if strings.TrimSpace(name) == "id" && id == "" {
			id = strings.TrimSpace(value)
		}
	}
	if id == "" || len(id) > 32 || strings.ContainsFunc(id, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) {
		return "", fmt.Errorf("%w: id %q", ErrRecord, id)
	}
	return id, nil
}

// maxPolicy bounds a policy's length in octets.
const maxPolicy = 64 << 10

// ParsePolicy reads a policy (RFC 8461 §3.2). Fields that it does not know are ignored, as are second ones but for mx.
func ParsePolicy(r io.Reader) (*Policy, error) {
	p := &Policy{}
	seen := map[string]string{}
	lines := bufio.NewScanner(io.LimitReader(r, maxPolicy))
	for lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimRight(lines.Text(), " \t\r"), ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok && name == "":
		case !ok:
			return nil, fmt.Errorf("%w: line %q", ErrPolicy, name)
		case name == "mx":
			p.MX = append(p.MX, strings.ToLower(strings.TrimSuffix(value, ".")))
		case seen[name] == "":
			seen[name] = value
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPolicy, err)
	}
	return p, p.complete(seen)
}

func (p *Policy) complete(seen map[string]string) error {
	if seen["version"] != "STSv1" {
		return fmt.Errorf("%w: version %q", ErrPolicy, seen["version"])
	}
	switch p.Mode = Mode(seen["mode"]); p.Mode {
	case Enforce, Testing, None:
	default:
		return fmt.Errorf("%w: mode %q", ErrPolicy, seen["mode"])
	}
	age, err := strconv.ParseUint(seen["max_age"], 10, 31)
	if err != nil {
		return fmt.Errorf("%w: max_age %q", ErrPolicy, seen["max_age"])
	}
	p.MaxAge = min(time.Duration(age)*time.Second, maxAge)
	if len(p.MX) == 0 && p.Mode != None {
		return fmt.Errorf("%w: no mx", ErrPolicy)
	}
	return nil
}

// Match says whether the policy names a host (RFC 8461 §4.1): "*." stands for exactly one label.
func (p *Policy) Match(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, mx := range p.MX {
		if mx == host {
			return true
		}
		if parent, ok := strings.CutPrefix(mx, "*."); ok {
			if _, rest, ok := strings.Cut(host, "."); ok && rest == parent && !strings.HasPrefix(host, ".") {
				return true
			}
		}
	}
	return false
}
