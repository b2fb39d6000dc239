package dane

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"posta/internal/sandbox"
	"posta/mxlookup"
)

// issue makes a certificate for a name; of its own authority when parent is nil.
func issue(t testing.TB, name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey, until time.Time) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: until.Add(-24 * time.Hour), NotAfter: until,
	}
	if parent == nil {
		tmpl.IsCA, tmpl.BasicConstraintsValid, tmpl.KeyUsage = true, true, x509.KeyUsageCertSign
		parent, parentKey = tmpl, key
	} else {
		tmpl.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), parentKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// TestVerify: each usage, selector and matching type (RFC 7672 §3.1), names and dates where they count.
func TestVerify(t *testing.T) {
	now := time.Now()
	ca, caKey := issue(t, "authority", nil, nil, now.Add(time.Hour))
	leaf, _ := issue(t, "mx.example.org", ca, caKey, now.Add(time.Hour))
	old, _ := issue(t, "mx.example.org", ca, caKey, now.Add(-time.Hour))
	other, _ := issue(t, "mx.example.net", ca, caKey, now.Add(time.Hour))
	ofDomain, _ := issue(t, "example.org", ca, caKey, now.Add(time.Hour))
	stranger, strangerKey := issue(t, "stranger", nil, nil, now.Add(time.Hour))
	false1, _ := issue(t, "mx.example.org", stranger, strangerKey, now.Add(time.Hour))
	spki256, cert512 := sha256.Sum256(leaf.RawSubjectPublicKeyInfo), sha512.Sum512(leaf.Raw)
	ca256, old256 := sha256.Sum256(ca.Raw), sha256.Sum256(old.RawSubjectPublicKeyInfo)
	for name, c := range map[string]struct {
		record mxlookup.TLSA
		certs  []*x509.Certificate
		ok     bool
	}{
		"3 1 1":                        {mxlookup.TLSA{Usage: 3, Selector: 1, Matching: 1, Data: spki256[:]}, []*x509.Certificate{leaf}, true},
		"3 0 2":                        {mxlookup.TLSA{Usage: 3, Selector: 0, Matching: 2, Data: cert512[:]}, []*x509.Certificate{leaf, ca}, true},
		"3 0 0":                        {mxlookup.TLSA{Usage: 3, Selector: 0, Matching: 0, Data: leaf.Raw}, []*x509.Certificate{leaf}, true},
		"3 1 1 of another":             {mxlookup.TLSA{Usage: 3, Selector: 1, Matching: 1, Data: spki256[:]}, []*x509.Certificate{other, ca}, false},
		"3 1 1 out of date":            {mxlookup.TLSA{Usage: 3, Selector: 1, Matching: 1, Data: old256[:]}, []*x509.Certificate{old}, true},
		"3 1 1 of a later certificate": {mxlookup.TLSA{Usage: 3, Selector: 1, Matching: 1, Data: spki256[:]}, []*x509.Certificate{other, leaf}, false},
		"2 0 1":                        {mxlookup.TLSA{Usage: 2, Selector: 0, Matching: 1, Data: ca256[:]}, []*x509.Certificate{leaf, ca}, true},
		"2 0 1 not shown":              {mxlookup.TLSA{Usage: 2, Selector: 0, Matching: 1, Data: ca256[:]}, []*x509.Certificate{leaf}, false},
		"2 0 0 not shown":              {mxlookup.TLSA{Usage: 2, Selector: 0, Matching: 0, Data: ca.Raw}, []*x509.Certificate{leaf}, true},
		"2 0 1 out of date":            {mxlookup.TLSA{Usage: 2, Selector: 0, Matching: 1, Data: ca256[:]}, []*x509.Certificate{old, ca}, false},
		"2 0 1 another name":           {mxlookup.TLSA{Usage: 2, Selector: 0, Matching: 1, Data: ca256[:]}, []*x509.Certificate{other, ca}, false},
		"2 0 1 the domain's name":      {mxlookup.TLSA{Usage: 2, Selector: 0, Matching: 1, Data: ca256[:]}, []*x509.Certificate{ofDomain, ca}, true},
		"2 0 1 not its issuer":         {mxlookup.TLSA{Usage: 2, Selector: 0, Matching: 1, Data: ca256[:]}, []*x509.Certificate{false1, ca}, false},
		"nothing shown":                {mxlookup.TLSA{Usage: 3, Selector: 1, Matching: 1, Data: spki256[:]}, nil, false},
	} {
		p := &Policy{Host: "mx.example.org", Base: "mx.example.org", Records: Usable([]mxlookup.TLSA{c.record})}
		if len(p.Records) != 1 {
			t.Errorf("%s: unusable", name)
		}
		_, err := p.Verify(c.certs, "example.org", now)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUsable: RFC 7672 §3.1.3, and digests of the wrong length.
func TestUsable(t *testing.T) {
	digest := make([]byte, 32)
	for _, rec := range []mxlookup.TLSA{
		{Usage: 0, Selector: 0, Matching: 1, Data: digest},
		{Usage: 1, Selector: 1, Matching: 1, Data: digest},
		{Usage: 3, Selector: 2, Matching: 1, Data: digest},
		{Usage: 3, Selector: 1, Matching: 3, Data: digest},
		{Usage: 3, Selector: 1, Matching: 2, Data: digest},
		{Usage: 3, Selector: 1, Matching: 1, Data: digest[:31]},
		{Usage: 3, Selector: 1, Matching: 0},
	} {
		if got := Usable([]mxlookup.TLSA{rec}); got != nil {
			t.Errorf("%d %d %d of %d octets is usable", rec.Usage, rec.Selector, rec.Matching, len(rec.Data))
		}
	}
}

// hosts is a world of hosts, with what the sandbox does at their names.
const hosts = `
$TTL 60
. SOA a. b. 1 2 3 4 5
secure.test. A 192.0.2.1
alias.test. CNAME secure.test.
useless.test. A 192.0.2.1
plain.test. A 192.0.2.1
unsigned.test. A 192.0.2.1
none.test. A 192.0.2.1
broken.test. A 192.0.2.1
_25._tcp.secure.test. TLSA 3 1 1 DIGEST
_25._tcp.alias.test. TLSA 3 1 1 DIGEST
_25._tcp.useless.test. TLSA 1 1 1 DIGEST
_25._tcp.plain.test. TLSA 3 1 1 DIGEST
_25._tcp.unsigned.test. TLSA 3 1 1 DIGEST
`

// TestLookup: what is validated counts, what is not does not, what fails is an error.
func TestLookup(t *testing.T) {
	zone := strings.ReplaceAll(hosts, "DIGEST", strings.Repeat("00", 32))
	sb, err := sandbox.Start(context.Background(), sandbox.Options{ZoneText: zone})
	if err != nil {
		t.Fatal(err)
	}
	defer sb.Close()
	for name, reply := range map[string]string{
		"plain.test": "INSECURE", "_25._tcp.unsigned.test": "INSECURE", "_25._tcp.broken.test": "SERVFAIL",
	} {
		if err := sb.Fail(sandbox.Fault{Protocol: "dns", Stage: "query", Match: name, Reply: reply}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := mxlookup.New(mxlookup.Config{Servers: []string{sb.DNSAddr()}, DNSSEC: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for host, want := range map[string]string{
		"secure.test":   "secure.test, 1 usable",
		"alias.test":    "secure.test, 1 usable", // RFC 7672 §2.2.2
		"useless.test":  "useless.test, 0 usable",
		"plain.test":    "none",
		"unsigned.test": "none",
		"none.test":     "none",
		"broken.test":   "error",
	} {
		p, err := Lookup(context.Background(), r, host, 25)
		got := "none"
		switch {
		case err != nil:
			got = "error"
		case p != nil:
			got = fmt.Sprintf("%s, %d usable", p.Base, len(p.Records))
		}
		if got != want || p != nil && !p.Mandatory {
			t.Errorf("%s: got %s, %v, want %s", host, got, err, want)
		}
	}
}
