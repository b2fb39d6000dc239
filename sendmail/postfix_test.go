package sendmail

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/realserver"
	"posta/internal/sasl"
)

// TestSMTPSink sends to Postfix's own test server.
func TestSMTPSink(t *testing.T) {
	addr := realserver.StartSMTPSink(t)
	c, err := Dial(context.Background(), Config{Dialer: dialer.Config{Address: addr, Timeout: 10 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var jobs []*Job
	for i := range 500 {
		jobs = append(jobs, job(t, i, "b@example.net", "c@example.net"))
	}
	n := 0
	for o := range c.Stream(context.Background(), feed(jobs...), 0) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		n++
	}
	if n != len(jobs) {
		t.Errorf("%d of %d", n, len(jobs))
	}
}

// postfix is a Postfix of its own, with STARTTLS, and AUTH by Dovecot.
type postfix struct {
	*realserver.Host
	addr string
	pool *x509.CertPool
}

// startPostfix needs root: the master of Postfix does.
func startPostfix(t *testing.T) *postfix {
	t.Helper()
	program, dovecot := realserver.Find(t, "postfix"), realserver.Find(t, "dovecot")
	if os.Geteuid() != 0 {
		realserver.Absent(t, "Postfix's master needs root")
	}
	p := &postfix{Host: realserver.NewHost(t, "Postfix", "postfix"), addr: realserver.FreeAddress(t)}
	p.certificate(t)
	for name, text := range map[string]string{
		"main.cf": mainCF, "master.cf": masterCF, "dovecot.conf": dovecotConf, "passwd": "ops:{PLAIN}secret::::::\n",
	} {
		p.Write(t, name, text, "ADDR", p.addr)
	}
	if err := os.Mkdir(p.Path("queue"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data", "mail"} {
		p.Mkdir(t, name)
	}
	run(t, program, "-c", p.Dir, "start")
	t.Cleanup(func() { run(t, program, "-c", p.Dir, "stop") })
	p.Start(t, exec.Command(dovecot, "-F", "-c", p.Path("dovecot.conf")), p.Path("queue/private/auth"), p.addr) // without the first smtpd would give up
	return p
}

func (p *postfix) certificate(t *testing.T) {
	t.Helper()
	config, pool := certificate(t)
	key, err := x509.MarshalPKCS8PrivateKey(config.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: config.Certificates[0].Certificate[0]})...)
	if err := os.WriteFile(p.Path("key.pem"), chain, 0o600); err != nil {
		t.Fatal(err)
	}
	p.pool = pool
}

// run runs a command whose daemons may keep its output open.
func run(t *testing.T, argv ...string) {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "output")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		t.Fatalf("%q: %v\n%s", argv, err, said)
	}
}

// arrived waits for n letters in a mailbox.
func (p *postfix) arrived(t *testing.T, box string, n int) []string {
	t.Helper()
	for range 600 {
		names, _ := filepath.Glob(filepath.Join(p.Dir, "mail", box, "new", "*"))
		if len(names) >= n {
			var texts []string
			for _, name := range names {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				texts = append(texts, string(text))
			}
			return texts
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%d letters did not come to %s:\n%s", n, box, p.Log())
	return nil
}

func (p *postfix) dial(t *testing.T, mechanism string) (*Client, error) {
	return Dial(context.Background(), Config{
		Dialer:    dialer.Config{Address: p.addr, Security: dialer.StartTLS, RootCAs: p.pool, Timeout: 20 * time.Second},
		Auth:      &sasl.Credentials{Username: "ops", Password: "secret"},
		Mechanism: mechanism,
		LocalName: "client.example.test",
	})
}

// TestPostfix sends through a whole Postfix.
func TestPostfix(t *testing.T) {
	p := startPostfix(t)
	ctx := context.Background()
	for _, mechanism := range []string{"", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"} {
		c, err := p.dial(t, mechanism)
		if err != nil {
			t.Fatalf("%s: %v\n%s", mechanism, err, p.Log())
		}
		if mechanism == "" && c.Mechanism() != "SCRAM-SHA-256" {
			t.Errorf("the strongest is %s", c.Mechanism())
		}
		c.Close()
	}
	c, err := p.dial(t, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var e *Error
	env := &Envelope{From: "a@example.test", To: To("b@example.test", "nobody@example.test", "c@example.test")}
	res, err := c.Send(ctx, env, letter(t, "A: b\n\n.dot\nsecond\n"))
	if err != nil || res.Status != Partial || len(res.Accepted) != 2 || res.ID == "" || res.Refused[0].Err.Code != 550 {
		t.Fatalf("%v %+v", err, res)
	}
	if _, err = c.Send(ctx, &Envelope{To: To("nobody@example.test")}, letter(t, "A: b\n\nx\n")); !errors.As(err, &e) || e.Enhanced != [3]int{5, 1, 1} {
		t.Error(err)
	}
	res, err = c.SendAndQuit(ctx, &Envelope{To: To("c@example.test")}, letter(t, "A: b\n\nafter a refusal\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.arrived(t, "b", 1)[0]; !strings.HasSuffix(got, "\n\n.dot\nsecond\n") {
		t.Errorf("%q", got)
	}
	if got := strings.Join(p.arrived(t, "c", 2), ""); !strings.Contains(got, res.ID) || !strings.Contains(got, "after a refusal") {
		t.Errorf("%q", got)
	}
	p.stream(t)
	p.big(t)
	for line := range strings.Lines(p.Log()) {
		for _, complaint := range []string{"improper command pipelining", "fatal:", "panic:", "TLS library problem", "lost connection after"} {
			if strings.Contains(line, complaint) && !strings.Contains(line, "after CONNECT") { // which was Await's
				t.Errorf("Postfix complains: %s", line)
			}
		}
	}
}

// stream sends many letters, some refused, over one connection.
func (p *postfix) stream(t *testing.T) {
	c, err := p.dial(t, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var jobs []*Job
	for i := range 100 {
		to := "d@example.test"
		if i%5 == 0 {
			to = fmt.Sprintf("nobody%d@example.test", i)
		}
		jobs = append(jobs, job(t, i, to))
	}
	for o := range c.Stream(context.Background(), feed(jobs...), 0) {
		if refused := o.Result.Status == Refused; refused != (o.Job.Tag.(int)%5 == 0) {
			t.Errorf("letter %v: %s %v", o.Job.Tag, o.Result.Status, o.Err)
		}
	}
	seen := map[string]bool{}
	for _, text := range p.arrived(t, "d", 80) {
		_, n, _ := strings.Cut(text, "\nA: ")
		n, _, _ = strings.Cut(n, "\n")
		if seen[n] || !strings.Contains(text, "Return-Path: <s"+n+"@x>") {
			t.Errorf("letter %s twice, or of another sender:\n%s", n, text)
		}
		seen[n] = true
	}
}

// big sends a long letter from a file, and one beyond the limit.
func (p *postfix) big(t *testing.T) {
	c, err := p.dial(t, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	body := "\n" + strings.Repeat("."+strings.Repeat("x", 70)+"\n", 300_000)
	text := "A: big\n" + body
	l, _ := inFile(t, text)
	if _, err := c.Send(context.Background(), &Envelope{To: To("b@example.test")}, l); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, got := range p.arrived(t, "b", 2) {
		found = found || strings.HasSuffix(got, "\n"+body) // Postfix adds to the header
	}
	if !found {
		t.Error("the long letter came changed")
	}
	var e *UnsupportedError
	l, _ = inFile(t, text+text)
	if _, err := c.Send(context.Background(), &Envelope{To: To("b@example.test")}, l); !errors.As(err, &e) || e.Extension != "SIZE" {
		t.Error(err)
	}
}
