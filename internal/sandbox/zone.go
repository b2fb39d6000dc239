package sandbox

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/miekg/dns"
)

// maxAliases is how many CNAMEs in a row are followed.
const maxAliases = 8

// zone is what a zone file says (RFC 1035 §5). It answers for the names in it, and for all names below one that has a
// SOA. A nil zone answers for none.
type zone struct {
	records map[string][]dns.RR // by name in lower case
	apexes  []*dns.SOA
}

// readZone reads a zone file and then a text in the same form; nil when both are empty. Names without a dot at the end
// are below the root, unless $ORIGIN says otherwise.
func readZone(file, text string) (*zone, error) {
	if file == "" && text == "" {
		return nil, nil
	}
	z := &zone{records: map[string][]dns.RR{}}
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if err := z.read(f, file); err != nil {
			return nil, err
		}
	}
	return z, z.read(strings.NewReader(text), "")
}

func (z *zone) read(r io.Reader, file string) error {
	parser := dns.NewZoneParser(r, ".", file)
	parser.SetDefaultTTL(dnsTTL)
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		name := strings.ToLower(rr.Header().Name)
		z.records[name] = append(z.records[name], rr)
		if soa, ok := rr.(*dns.SOA); ok {
			z.apexes = append(z.apexes, soa)
		}
	}
	if err := parser.Err(); err != nil {
		return fmt.Errorf("zone %s: %w", file, err)
	}
	return nil
}

// answer fills in m, and says whether the zone answers for that name.
func (z *zone) answer(m *dns.Msg, q dns.Question) bool {
	if z == nil {
		return false
	}
	name := strings.ToLower(q.Name)
	soa := z.apex(name)
	if z.lookup(name) == nil && soa == nil && !z.hasBelow(name) {
		return false
	}
	for range maxAliases {
		found := z.lookup(name)
		alias := ""
		for _, rr := range found {
			if c, ok := rr.(*dns.CNAME); ok && q.Qtype != dns.TypeCNAME {
				alias = strings.ToLower(c.Target)
				m.Answer = append(m.Answer, named(rr, name))
			} else if rr.Header().Rrtype == q.Qtype || q.Qtype == dns.TypeANY {
				m.Answer = append(m.Answer, named(rr, name))
			}
		}
		if found == nil && soa != nil && !z.hasBelow(name) {
			m.Rcode = dns.RcodeNameError
		}
		if alias == "" {
			break
		}
		name, soa = alias, z.apex(alias)
	}
	if len(m.Answer) == 0 && soa != nil { // RFC 2308 §2
		m.Ns = append(m.Ns, soa)
	}
	return true
}

// lookup is the records of a name, or of the wildcard that stands for it (RFC 4592).
func (z *zone) lookup(name string) []dns.RR {
	if found := z.records[name]; found != nil || z.hasBelow(name) {
		return found
	}
	for parent := name; ; {
		_, rest, ok := strings.Cut(parent, ".")
		if !ok || rest == "" {
			return nil
		}
		if found := z.records["*."+rest]; found != nil {
			return found
		}
		if z.records[rest] != nil || z.hasBelow(rest) {
			return nil // RFC 4592 §2.2.1: the closest name that there is stops the search
		}
		parent = rest
	}
}

// apex is the SOA of the zone that a name is in: the one with the longest name.
func (z *zone) apex(name string) (found *dns.SOA) {
	for _, soa := range z.apexes {
		if dns.IsSubDomain(soa.Hdr.Name, name) && (found == nil || len(soa.Hdr.Name) > len(found.Hdr.Name)) {
			found = soa
		}
	}
	return found
}

// hasBelow says whether there are names below a name, which then exists itself (RFC 8020).
func (z *zone) hasBelow(name string) bool {
	for other := range z.records {
		if strings.HasSuffix(other, "."+name) && !strings.HasPrefix(other, "*.") {
			return true
		}
	}
	return false
}

// named is a record under the name that was asked for, which a wildcard's is not.
func named(rr dns.RR, name string) dns.RR {
	out := dns.Copy(rr)
	out.Header().Name = name
	return out
}
