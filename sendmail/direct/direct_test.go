package direct

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"posta/internal/dialer"
	"posta/internal/sandbox"
	"posta/mxlookup"
	"posta/mxlookup/mtasts"
	"posta/sendmail"
)

// world is a resolver for the records in a zone, and there are no others. "NAME TXT SERVFAIL" makes the server fail there.
// All its answers are validated.
func world(t testing.TB, zone string) *mxlookup.Resolver {
	t.Helper()
	sb, err := sandbox.Start(context.Background(), sandbox.Options{ZoneText: "$TTL 60\n. SOA a. b. 1 2 3 4 5\n" + zone})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(zone) {
		if name, ok := strings.CutSuffix(line, ". TXT SERVFAIL\n"); ok {
			sb.Fail(sandbox.Fault{Protocol: "dns", Stage: "query", Match: name, Reply: "SERVFAIL"})
		}
	}
	r, err := mxlookup.New(mxlookup.Config{Servers: []string{sb.DNSAddr()}, DNSSEC: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		sb.Close()
	})
	return r
}

// host is a mail host on loopback, with its port, its authority and the digest of that one's certificate.
type host struct {
	*sandbox.Sandbox
	port  string
	roots *x509.CertPool
	ca    string
}

func startHost(t testing.TB, opts sandbox.Options) *host {
	t.Helper()
	opts.Host = "mx.test"
	sb, err := sandbox.Start(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sb.Close() })
	_, port, _ := net.SplitHostPort(sb.SMTPAddr())
	text, err := os.ReadFile(sb.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	block, _ := pem.Decode(text)
	digest := sha256.Sum256(block.Bytes)
	return &host{sb, port, roots, hex.EncodeToString(digest[:])}
}

// sender sends to h's port in a world of this zone.
func (h *host) sender(t testing.TB, zone string) *Sender {
	return New(Config{
		Resolver: world(t, zone), Port: h.port, OwnNames: []string{"self.test"},
		Server: sendmail.Config{
			LocalName: "client.test",
			Dialer:    dialer.Config{Security: dialer.StartTLS, RootCAs: h.roots, Timeout: 20 * time.Second},
		},
	})
}

func letter(t testing.TB) *sendmail.Letter {
	t.Helper()
	l, err := sendmail.ReadLetter(strings.NewReader("From: a@client.test\r\nSubject: x\r\n\r\nhello\r\n"), sendmail.LetterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// one sends to user@example.org and returns the outcome.
func one(t testing.TB, s *Sender, requireTLS bool) Outcome {
	t.Helper()
	env := &sendmail.Envelope{From: "a@client.test", To: sendmail.To("user@example.org"), Options: smtp.MailOptions{RequireTLS: requireTLS}}
	return s.Send(context.Background(), env, letter(t))[0]
}

const toMX = "example.org. MX 10 mx.test.\nmx.test. A 127.0.0.1\n"

// TestWalk: which host gets the letter, and when there is none (RFC 5321 §5.1).
func TestWalk(t *testing.T) {
	h := startHost(t, sandbox.Options{})
	for name, c := range map[string]struct {
		zone      string
		want      error
		temporary bool
		host      string
	}{
		"one host":             {toMX, nil, false, "mx.test"},
		"implicit MX":          {"example.org. A 127.0.0.1\n", nil, false, "example.org"},
		"by preference":        {toMX + "example.org. MX 20 other.test.\nother.test. A 127.0.0.1\n", nil, false, "mx.test"},
		"the first is down":    {toMX + "example.org. MX 5 down.test.\ndown.test. A 127.0.0.2\n", nil, false, "mx.test"},
		"the first is nowhere": {toMX + "example.org. MX 5 gone.test.\n", nil, false, "mx.test"},
		"two addresses":        {"example.org. MX 10 mx.test.\nmx.test. A 127.0.0.2\nmx.test. A 127.0.0.1\n", nil, false, "mx.test"},
		"null MX":              {"example.org. MX 0 .\n", ErrNullMX, false, ""},
		"no such domain":       {"org. TXT x\n", mxlookup.ErrNoDomain, false, ""},
		"no mail":              {"example.org. TXT x\n", mxlookup.ErrNoMail, false, ""},
		"DNS fails":            {"example.org. TXT SERVFAIL\n", mxlookup.ErrServFail, true, ""},
		"all down":             {"example.org. MX 5 down.test.\ndown.test. A 127.0.0.2\n", nil, true, "down.test"},
		"no host at all":       {"example.org. MX 5 gone.test.\n", ErrNoHost, true, ""},
		"we are the best":      {toMX + "example.org. MX 5 self.test.\n", ErrLoop, false, ""},
		"we are a backup":      {toMX + "example.org. MX 20 self.test.\nexample.org. MX 30 worse.test.\n", nil, false, "mx.test"},
		"an address as a host": {toMX + "example.org. MX 5 127.0.0.1.\n", nil, false, "mx.test"},
	} {
		o := one(t, h.sender(t, c.zone), false)
		delivered := c.want == nil && !c.temporary
		if (o.Err == nil) != delivered || !errors.Is(o.Err, c.want) && c.want != nil || o.Temporary() != c.temporary || o.Host != c.host {
			t.Errorf("%s: host %q, error %v, temporary %v", name, o.Host, o.Err, o.Temporary())
		}
		if delivered && (o.ID == "" && o.Reply == "" || o.Security != Opportunistic) {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// TestServerAnswers: 4yz at the greeting goes on to the next host, 5yz does not, and what a host says of a recipient is final.
func TestServerAnswers(t *testing.T) {
	zone := toMX + "example.org. MX 20 second.test.\nsecond.test. A 127.0.0.1\n"
	for name, c := range map[string]struct {
		fault     sandbox.Fault
		ok        bool
		temporary bool
		host      string
	}{
		"busy once":         {sandbox.Fault{Stage: "connect", Reply: "421 busy", Times: 1}, true, false, "second.test"},
		"cut once":          {sandbox.Fault{Stage: "connect", Drop: true, Times: 1}, true, false, "second.test"},
		"refused":           {sandbox.Fault{Stage: "connect", Reply: "554 go away", Times: 1}, false, false, "mx.test"},
		"greylisted":        {sandbox.Fault{Stage: "rcpt", Reply: "451 4.7.1 later", Times: 1}, false, true, "mx.test"},
		"no such user":      {sandbox.Fault{Stage: "rcpt", Reply: "550 5.1.1 no", Times: 1}, false, false, "mx.test"},
		"cut after the dot": {sandbox.Fault{Stage: "end", Drop: true, Times: 1}, false, true, "mx.test"},
	} {
		h := startHost(t, sandbox.Options{})
		if err := h.Fail(c.fault); err != nil {
			t.Fatal(err)
		}
		o := one(t, h.sender(t, zone), false)
		if (o.Err == nil) != c.ok || o.Temporary() != c.temporary || o.Host != c.host {
			t.Errorf("%s: host %q, error %v, temporary %v", name, o.Host, o.Err, o.Temporary())
		}
		h.Close()
	}
}

// TestSecurity: DANE, REQUIRETLS, plain text, and that none of them is weakened.
func TestSecurity(t *testing.T) {
	h, plain := startHost(t, sandbox.Options{}), startHost(t, sandbox.Options{Without: []string{"STARTTLS"}})
	tlsa := "_25._tcp.mx.test. TLSA "
	for name, c := range map[string]struct {
		host       *host
		zone       string
		requireTLS bool
		want       Security // "" when it must not be sent
	}{
		"opportunistic":               {h, toMX, false, Opportunistic},
		"plain text":                  {plain, toMX, false, Plain},
		"DANE":                        {h, toMX + tlsa + "2 0 1 " + h.ca + "\n", false, DANE},
		"DANE, another certificate":   {h, toMX + tlsa + "2 0 1 " + plain.ca + "\n", false, ""},
		"DANE, no STARTTLS":           {plain, toMX + tlsa + "2 0 1 " + plain.ca + "\n", false, ""},
		"DANE, the DNS fails":         {h, toMX + "_25._tcp.mx.test. TXT SERVFAIL\n", false, ""},
		"unusable TLSA":               {h, toMX + tlsa + "1 1 1 " + h.ca + "\n", false, Opportunistic},
		"unusable TLSA, no STARTTLS":  {plain, toMX + tlsa + "1 1 1 " + h.ca + "\n", false, ""},
		"REQUIRETLS, no STARTTLS":     {plain, toMX, true, ""},
		"REQUIRETLS, other authority": {&host{h.Sandbox, h.port, plain.roots, ""}, toMX, true, ""},
	} {
		o := one(t, c.host.sender(t, c.zone), c.requireTLS)
		if (o.Err == nil) != (c.want != "") || o.Err == nil && o.Security != c.want {
			t.Errorf("%s: %s, %v", name, o.Security, o.Err)
		}
	}
}

// TestMTASTS: RFC 8461 §5.
func TestMTASTS(t *testing.T) {
	h, plain := startHost(t, sandbox.Options{}), startHost(t, sandbox.Options{Without: []string{"STARTTLS"}})
	enforce := &mtasts.Policy{Mode: mtasts.Enforce, MX: []string{"mx.test"}}
	for name, c := range map[string]struct {
		host   *host
		policy *mtasts.Policy
		want   Security
	}{
		"enforced":           {h, enforce, STS},
		"another host":       {h, &mtasts.Policy{Mode: mtasts.Enforce, MX: []string{"else.test"}}, ""},
		"no STARTTLS":        {plain, enforce, ""},
		"another authority":  {&host{h.Sandbox, h.port, plain.roots, ""}, enforce, ""},
		"testing, plain":     {plain, &mtasts.Policy{Mode: mtasts.Testing, MX: []string{"else.test"}}, Plain},
		"withdrawn":          {plain, &mtasts.Policy{Mode: mtasts.None}, Plain},
		"none that was seen": {plain, nil, Plain},
	} {
		s := c.host.sender(t, toMX)
		s.cfg.Policies = &mtasts.Client{Resolver: s.cfg.Resolver}
		s.policies["example.org"] = &policyEntry{policy: c.policy, until: time.Now().Add(time.Hour)}
		o := one(t, s, false)
		if (o.Err == nil) != (c.want != "") || o.Err == nil && o.Security != c.want || o.Err != nil && !o.Temporary() {
			t.Errorf("%s: %s, %v", name, o.Security, o.Err)
		}
	}
}

// keptPolicies is a PolicyStore in memory.
type keptPolicies map[string]*policyEntry

func (k keptPolicies) Load(domain string) (*mtasts.Policy, time.Time) {
	if e := k[domain]; e != nil {
		return e.policy, e.until
	}
	return nil, time.Time{}
}

func (k keptPolicies) Save(domain string, policy *mtasts.Policy, until time.Time) {
	k[domain] = &policyEntry{policy, until}
}

// TestKept: a policy of an earlier run counts while it is good, whatever can be found out now (RFC 8461 §5.1); here no policy
// can be fetched.
func TestKept(t *testing.T) {
	plain := startHost(t, sandbox.Options{Without: []string{"STARTTLS"}})
	later, before := time.Now().Add(time.Hour), time.Now().Add(-time.Second)
	announced := "_mta-sts.example.org. TXT \"v=STSv1; id=2\"\n"
	for name, c := range map[string]struct {
		zone string
		id   string
		till time.Time
		sent bool
	}{
		"the one that is announced": {announced, "2", later, false},
		"another is announced":      {announced, "1", later, false},
		"none is announced":         {"", "1", later, false},
		"the DNS fails":             {"_mta-sts.example.org. TXT SERVFAIL\n", "1", later, false},
		"it is out of date":         {announced, "2", before, true},
	} {
		s := plain.sender(t, toMX+c.zone)
		s.cfg.Policies = &mtasts.Client{Resolver: s.cfg.Resolver, Timeout: 20 * time.Second}
		s.cfg.Kept = keptPolicies{"example.org": {&mtasts.Policy{ID: c.id, Mode: mtasts.Enforce, MX: []string{"mx.test"}}, c.till}}
		if o := one(t, s, false); (o.Err == nil) != c.sent {
			t.Errorf("%s: %v", name, o.Err)
		}
	}
}

// TestPolicyIsKept: one that is fetched is kept for the next run, and one that is announced anew takes its place.
func TestPolicyIsKept(t *testing.T) {
	h := startHost(t, sandbox.Options{MTASTS: sandbox.MTASTSPolicy("enforce", "mx.test")})
	_, text, _ := net.SplitHostPort(h.Addr("https"))
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	kept := keptPolicies{"example.org": {&mtasts.Policy{ID: "1", Mode: mtasts.None}, time.Now().Add(time.Hour)}}
	s := h.sender(t, toMX+"_mta-sts.example.org. TXT \"v=STSv1; id=2\"\nmta-sts.example.org. A 127.0.0.1\n")
	s.cfg.Policies = &mtasts.Client{Resolver: s.cfg.Resolver, RootCAs: h.roots, Port: port, Timeout: 20 * time.Second}
	s.cfg.Kept = kept
	if o := one(t, s, false); o.Err != nil || o.Security != STS {
		t.Errorf("%s, %v", o.Security, o.Err)
	}
	if p := kept["example.org"].policy; p.ID != "2" || p.Mode != mtasts.Enforce || time.Until(kept["example.org"].until) < 23*time.Hour {
		t.Errorf("kept: %+v until %v", p, kept["example.org"].until)
	}
}

// TestManyRecipients: one transaction for each domain, one outcome for each recipient, in order.
func TestManyRecipients(t *testing.T) {
	h := startHost(t, sandbox.Options{})
	s := h.sender(t, toMX+"example.net. MX 0 .\nexample.com. MX 10 mx.test.\n")
	if err := h.Fail(sandbox.Fault{Stage: "rcpt", Match: "bad@example.org", Reply: "550 5.1.1 no"}); err != nil {
		t.Fatal(err)
	}
	to := sendmail.To("a@example.org", "x@example.net", "bad@example.org", "b@EXAMPLE.org", "c@example.com", "nobody")
	env := &sendmail.Envelope{From: "a@client.test", To: to}
	var got []string
	for i, o := range s.Send(context.Background(), env, letter(t)) {
		if o.Recipient.Address != to[i].Address {
			t.Errorf("outcome %d is of %s", i, o.Recipient.Address)
		}
		switch {
		case o.Err == nil:
			got = append(got, "ok")
		case errors.Is(o.Err, ErrNullMX), errors.Is(o.Err, ErrDomain):
			got = append(got, "never")
		default:
			var e *sendmail.Error
			if !errors.As(o.Err, &e) {
				t.Errorf("%v", o.Err)
				continue
			}
			got = append(got, e.Reply())
		}
	}
	if s := strings.Join(got, "|"); s != "ok|never|550 5.1.1 no|ok|ok|never" {
		t.Errorf("got %s", s)
	}
}
