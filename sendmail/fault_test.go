package sendmail_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/sasl"
	"posta/internal/transcript"
	"posta/sendmail"
)

// hanging is how long a case may take, whatever the machine does besides, before it counts as hanging.
const hanging = 20 * time.Second

const (
	faultLetter   = "Subject: faults\r\n\r\n.a dot at the start\r\nthe body\r\n.\r\n..\r\nthe end\r\n"
	faultPassword = "correct horse battery staple"
	faultToken    = "ya29.c0ffee-c0ffee-c0ffee"
)

// mode is a way that the dialogue with the server goes.
type mode struct {
	name   string
	ext    []string
	lmtp   bool
	tls    dialer.Security
	auth   string // mechanism
	stages []string
}

// modes are those that differ in what is sent when.
var modes = []mode{
	{name: "plain", stages: dataStages},
	{name: "pipelining", ext: []string{"PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES"}, stages: dataStages},
	{name: "chunking", ext: []string{"PIPELINING", "CHUNKING"}, stages: bdatStages},
	{name: "chunking alone", ext: []string{"CHUNKING"}, stages: bdatStages},
	{name: "lmtp", lmtp: true, ext: []string{"PIPELINING"}, stages: dataStages},
	{name: "starttls", tls: dialer.StartTLS, ext: []string{"PIPELINING", "STARTTLS"}, stages: dataStages},
	{name: "tls", tls: dialer.TLS, ext: []string{"PIPELINING", "CHUNKING"}, stages: bdatStages},
	{name: "auth", auth: sasl.Plain, ext: []string{"PIPELINING", "AUTH PLAIN"}, stages: dataStages},
}

var (
	dataStages = []string{sendmail.StageGreeting, sendmail.StageEHLO, sendmail.StageMAIL, sendmail.StageRCPT, sendmail.StageDATA, sendmail.StageDataEnd}
	bdatStages = []string{sendmail.StageGreeting, sendmail.StageEHLO, sendmail.StageMAIL, sendmail.StageRCPT, sendmail.StageBDAT}
)

// atOnce runs f for each mode, all at a time: most of it is waiting.
func atOnce(t *testing.T, modes []mode, f func(t *testing.T, m mode)) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, m := range modes {
		wg.Go(func() { t.Run(m.name, func(t *testing.T) { f(t, m) }) })
	}
}

func (m mode) server() *faultServer {
	return &faultServer{ext: m.ext, lmtp: m.lmtp, implicit: m.tls == dialer.TLS, tls: serverTLS("fault.example", time.Hour), at: map[string]fault{}}
}

// config is the client's, for a server that has started.
func (m mode) config(f *faultServer) sendmail.Config {
	cfg := sendmail.Config{LMTP: m.lmtp, LocalName: "client.example", Mechanism: m.auth}
	cfg.Dialer = dialer.Config{Address: f.listener.Addr().String(), Security: m.tls, ServerName: "fault.example", RootCAs: testAuthority().pool, Timeout: hanging}
	if m.auth != "" {
		cfg.Auth = &sasl.Credentials{Username: "joe", Password: faultPassword}
	}
	return cfg
}

// attempt is what became of sending one letter.
type attempt struct {
	err    error
	dialed bool
	broken bool
	result *sendmail.Result
	log    string
}

// try sends faultLetter to two recipients.
func (m mode) try(t *testing.T, f *faultServer, change func(*sendmail.Config)) attempt {
	t.Helper()
	l, err := sendmail.ReadLetter(strings.NewReader(faultLetter), sendmail.LetterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m.tryLetter(t, f, l, change)
}

func (m mode) tryLetter(t *testing.T, f *faultServer, l *sendmail.Letter, change func(*sendmail.Config)) (a attempt) {
	t.Helper()
	f.start(t)
	defer f.stop()
	var log lockedBuffer
	cfg := m.config(f)
	cfg.Dialer.Log = transcript.New(&log)
	if change != nil {
		change(&cfg)
	}
	ctx, cancel := context.WithTimeout(t.Context(), hanging)
	defer cancel()
	defer func() {
		a.log = log.String()
		if ctx.Err() != nil {
			t.Errorf("it hangs: %v", a.err)
		}
	}()
	c, err := sendmail.Dial(ctx, cfg)
	if err != nil {
		return attempt{err: err}
	}
	defer c.Close()
	env := &sendmail.Envelope{From: "from@example.org", To: sendmail.To("a@example.org", "b@example.org")}
	result, err := c.Send(ctx, env, l)
	return attempt{err: err, dialed: true, broken: c.Broken(), result: result}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// honest fails the test unless what the client says of a letter can be reconciled with what the server has: nothing
// half delivered, nothing said to be delivered that is not, and nothing delivered that is said not to be.
func honest(t *testing.T, f *faultServer, a attempt, letter string) {
	t.Helper()
	got := map[string]bool{}
	for _, d := range f.delivered {
		if d.data != letter {
			t.Errorf("delivered were %d octets of %d: %.300q", len(d.data), len(letter), d.data)
		}
		for _, to := range d.to {
			if got[to] {
				t.Errorf("%s got it twice", to)
			}
			got[to] = true
		}
	}
	said := map[string]bool{}
	if a.result != nil {
		for _, r := range a.result.Accepted {
			said[r.Address] = true
			if !got[r.Address] {
				t.Errorf("%s is said to have it, and does not", r.Address)
			}
		}
	}
	for to := range got {
		if !said[to] && !inDoubt(a, to) {
			t.Errorf("%s has it, and the client says it surely has not: %v", to, a.err)
		}
	}
	if a.err == nil && len(f.delivered) == 0 {
		t.Error("success, and nothing was delivered")
	}
	secret(t, f, a)
}

// inDoubt says whether the client left it open whether a recipient has the letter.
func inDoubt(a attempt, to string) bool {
	if a.result != nil {
		for _, r := range a.result.Refused {
			if r.Recipient.Address == to {
				return r.Err.InDoubt
			}
		}
	}
	var e *sendmail.Error
	return errors.As(a.err, &e) && e.InDoubt
}

// secret fails the test if an error or the transcript shows what was sent to log in.
func secret(t *testing.T, f *faultServer, a attempt) {
	t.Helper()
	shown := a.log
	if a.err != nil {
		shown += a.err.Error()
	}
	for _, s := range append(slices.Clone(f.secrets), faultPassword, faultToken) {
		if len(s) > 3 && strings.Contains(shown, s) {
			t.Errorf("%q is shown in %s", s, shown)
		}
	}
}

// authority issues the certificates of the tests. Keys are Ed25519, whose signatures are of one size.
type authority struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
	pool *x509.CertPool
}

var testAuthority = sync.OnceValue(func() *authority {
	a := &authority{pool: x509.NewCertPool()}
	der, key := a.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true}, time.Hour)
	a.cert, _ = x509.ParseCertificate(der)
	a.key = key
	a.pool.AddCert(a.cert)
	return a
})

func (a *authority) issue(template *x509.Certificate, valid time.Duration) ([]byte, ed25519.PrivateKey) {
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-24*time.Hour), time.Now().Add(valid)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		panic(err)
	}
	return der, key
}

// serverTLS is a server's with a certificate for a name, valid for so long.
func serverTLS(name string, valid time.Duration) *tls.Config {
	der, key := testAuthority().issue(&x509.Certificate{DNSNames: []string{name}}, valid)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
