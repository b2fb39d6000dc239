package dkim

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// letter is that of RFC 8463, Appendix A.3, without its signatures.
const letter = "From: Joe SixPack <joe@football.example.com>\r\n" +
	"To: Suzie Q <suzie@shopping.example.net>\r\n" +
	"Subject: Is dinner ready?\r\n" +
	"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n" +
	"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n" +
	"\r\n" +
	"Hi.\r\n" +
	"\r\n" +
	"We lost the game.  Are you hungry yet?\r\n" +
	"\r\n" +
	"Joe.\r\n"

// keys makes an RSA and an Ed25519 key, and the look-up that finds their records under the selectors "r" and "e".
func keys(t testing.TB) ([]Key, LookupTXT) {
	t.Helper()
	rsaKey, err := GenerateRSA(2048)
	if err != nil {
		t.Fatal(err)
	}
	edKey, err := GenerateEd25519()
	if err != nil {
		t.Fatal(err)
	}
	list := []Key{{"r", rsaKey}, {"e", edKey}}
	return list, func(_ context.Context, name string) ([]string, error) {
		for _, k := range list {
			if name == k.Selector+"._domainkey.football.example.com" {
				text, err := Record(k.Signer.Public())
				return []string{text}, err
			}
		}
		return nil, errors.New("no such domain")
	}
}

// outcomes are those of all signatures of a letter.
func outcomes(t *testing.T, text string, lookup LookupTXT) []Outcome {
	t.Helper()
	list, err := Verify(context.Background(), strings.NewReader(text), lookup)
	if err != nil {
		t.Fatal(err)
	}
	var out []Outcome
	for _, v := range list {
		out = append(out, v.Outcome)
	}
	return out
}

// TestSign: both keys at once, each canonicalization, line ends, odd headers: all verify.
func TestSign(t *testing.T) {
	list, lookup := keys(t)
	letters := map[string]string{
		"plain":      letter,
		"LF":         strings.ReplaceAll(letter, "\r\n", "\n"),
		"no body":    "From: a@football.example.com\r\n\r\n",
		"no end":     "From: a@football.example.com\r\n",
		"folded":     "From:\r\n\ta@football.example.com\r\nSUBJECT : a\r\n  b\t c \r\n\r\nbody \t \r\n x  y\r\n\r\n\r\n",
		"twice":      "Received: x\r\nFrom: a@football.example.com\r\nSubject: one\r\nSubject: two\r\nComments: c\r\nComments: d\r\n\r\nbody",
		"eight bits": "From: ä@football.example.com\r\nSubject: \xff\r\n\r\n\xfe\xff\x00\r\n",
		"long":       "From: a@football.example.com\r\nReferences: " + strings.Repeat("<x@y>\r\n ", 500) + "<z>\r\n\r\n" + strings.Repeat("line of text  \r\n", 20_000),
	}
	for name, text := range letters {
		for _, c := range []Canonicalization{Simple, Relaxed} {
			sig, err := Sign(strings.NewReader(text), Options{
				Domain: "football.example.com", Keys: list, Header: c, Body: c,
				Identity: "joe@mail.football.example.com", Expires: time.Hour,
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for line := range strings.SplitSeq(string(sig), "\r\n") {
				if len(line) > 78 {
					t.Errorf("%s: a line of %d octets: %s", name, len(line), line)
				}
			}
			if got := outcomes(t, string(sig)+text, lookup); !slices.Equal(got, []Outcome{Pass, Pass}) {
				list, _ := Verify(context.Background(), strings.NewReader(string(sig)+text), lookup)
				t.Errorf("%s, %s: got %v: %+v", name, c, got, list)
			}
		}
	}
}

// TestChanged: what a signature is for (RFC 6376 §8.15 for the fields that are added).
func TestChanged(t *testing.T) {
	list, lookup := keys(t)
	sig, err := Sign(strings.NewReader(letter), Options{Domain: "football.example.com", Keys: list})
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(letter, "\r\n\r\n")
	for name, c := range map[string]struct {
		head, body string
		want       Outcome
	}{
		"white space":        {strings.Replace(head, "Is dinner", "Is  \r\n dinner", 1), strings.Replace(body, "game.  Are", "game. Are", 1), Pass},
		"empty lines":        {head, body + "\r\n\r\n", Pass},
		"a trace field":      {"Received: from somewhere\r\n" + head, body, Pass},
		"the subject":        {strings.Replace(head, "dinner", "lunch", 1), body, Fail},
		"a second subject":   {"Subject: Win\r\n" + head, body, Fail},
		"a second sender":    {"From: boss@football.example.com\r\n" + head, body, Fail},
		"a reply address":    {"Reply-To: x@attacker.test\r\n" + head, body, Fail},
		"another media type": {"Content-Type: text/html\r\n" + head, body, Fail},
		"the body":           {head, strings.Replace(body, "lost", "won", 1), Fail},
		"more body":          {head, body + "PS\r\n", Fail},
		"less body":          {head, strings.TrimSuffix(body, "Joe.\r\n"), Fail},
	} {
		got := outcomes(t, string(sig)+c.head+"\r\n\r\n"+c.body, lookup)
		if !slices.Equal(got, []Outcome{c.want, c.want}) {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

type brief struct{}

func (brief) Error() string   { return "try later" }
func (brief) Temporary() bool { return true }

// TestVerifyOutcomes: keys that are missing, revoked, wrong, or not to be had now.
func TestVerifyOutcomes(t *testing.T) {
	list, right := keys(t)
	sig, err := Sign(strings.NewReader(letter), Options{Domain: "football.example.com", Keys: list[1:]})
	if err != nil {
		t.Fatal(err)
	}
	say := func(texts ...string) LookupTXT {
		return func(context.Context, string) ([]string, error) { return texts, nil }
	}
	rsaRecord, err := Record(list[0].Signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		lookup LookupTXT
		want   Outcome
	}{
		"right":       {right, Pass},
		"none":        {say(), PermError},
		"revoked":     {say("v=DKIM1; k=ed25519; p="), PermError}, // RFC 6376 §3.6.1
		"another":     {say("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), Fail},
		"of RSA":      {say(rsaRecord), PermError},
		"two":         {say("v=DKIM1; p=x", "v=DKIM1; p=y"), PermError},
		"later":       {func(context.Context, string) ([]string, error) { return nil, brief{} }, TempError},
		"NXDOMAIN":    {func(context.Context, string) ([]string, error) { return nil, errors.New("no such domain") }, PermError},
		"no tag list": {say("hello"), PermError},
	} {
		list, err := Verify(context.Background(), bytes.NewReader(append(bytes.Clone(sig), letter...)), c.lookup)
		if err != nil || len(list) != 1 || list[0].Outcome != c.want || (list[0].Reason == "") != (c.want == Pass) {
			t.Errorf("%s: got %+v, %v, want %s", name, list, err, c.want)
		}
		if len(list) == 1 && (list[0].Domain != "football.example.com" || list[0].Selector != "e" || list[0].Algorithm != "ed25519-sha256") {
			t.Errorf("%s: named %+v", name, list[0])
		}
	}
}

// TestManySignatures: the first eight are verified, the rest ignored.
func TestManySignatures(t *testing.T) {
	list, lookup := keys(t)
	sig, err := Sign(strings.NewReader(letter), Options{Domain: "football.example.com", Keys: list[1:]})
	if err != nil {
		t.Fatal(err)
	}
	if got := outcomes(t, strings.Repeat(string(sig), 50)+letter, lookup); len(got) != maxSignatures || got[0] != Pass {
		t.Errorf("got %v", got)
	}
}

// TestEmptyLines: a run of them that would have to be kept in memory is an error, a long one is not.
func TestEmptyLines(t *testing.T) {
	keys, lookup := keys(t)
	for _, c := range []struct {
		lines int
		want  error
	}{{maxEmptyLines - 10, nil}, {maxEmptyLines + 10, ErrEmptyLines}} {
		text := letter + strings.Repeat(" \r\n", c.lines) + "the end\r\n"
		sig, err := Sign(strings.NewReader(text), Options{Domain: "football.example.com", Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		list, err := Verify(context.Background(), strings.NewReader(string(sig)+text), lookup)
		if !errors.Is(err, c.want) || c.want == nil && (len(list) != 2 || list[0].Outcome != Pass) {
			t.Errorf("%d lines: %+v, %v", c.lines, list, err)
		}
	}
}

// TestRefused: letters and options that make no signature.
func TestRefused(t *testing.T) {
	list, _ := keys(t)
	right := Options{Domain: "example.org", Keys: list}
	for name, c := range map[string]struct {
		text string
		opts Options
		want error
	}{
		"no From":           {"Subject: x\r\n\r\n", right, ErrNoFrom},
		"nothing":           {"", right, ErrNoFrom},
		"no header":         {"hello\r\n\r\n", right, ErrHeader},
		"begins folded":     {" From: x\r\n\r\n", right, ErrHeader},
		"endless header":    {"From: " + strings.Repeat("x", maxHeader) + "\r\n\r\n", right, ErrHeaderLength},
		"endless fields":    {strings.Repeat("From: x\r\n", maxHeader/8), right, ErrHeaderLength},
		"no domain":         {letter, Options{Keys: list}, ErrOptions},
		"domain with a tag": {letter, Options{Domain: "a;b=c", Keys: list}, ErrOptions},
		"no key":            {letter, Options{Domain: "example.org"}, ErrOptions},
		"no selector":       {letter, Options{Domain: "example.org", Keys: []Key{{"", list[0].Signer}}}, ErrOptions},
		"another identity":  {letter, Options{Domain: "example.org", Keys: list, Identity: "@badexample.org"}, ErrOptions},
		"identity's tag":    {letter, Options{Domain: "example.org", Keys: list, Identity: "a;b@example.org"}, ErrOptions},
	} {
		if sig, err := Sign(strings.NewReader(c.text), c.opts); !errors.Is(err, c.want) || sig != nil {
			t.Errorf("%s: got %q, %v, want %v", name, sig, err, c.want)
		}
	}
}

// TestKeys: there and back, PKCS #1 too; what is no key is refused.
func TestKeys(t *testing.T) {
	list, _ := keys(t)
	for _, k := range list {
		text, err := MarshalKey(k.Signer)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseKey(text)
		if err != nil || !again.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(k.Signer.Public()) {
			t.Errorf("%s: %v", k.Selector, err)
		}
	}
	rsaKey := list[0].Signer.(*rsa.PrivateKey)
	old := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)})
	if _, err := ParseKey(old); err != nil {
		t.Errorf("PKCS #1: %v", err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")})
	for _, text := range [][]byte{nil, []byte("hello"), public, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})} {
		if _, err := ParseKey(text); !errors.Is(err, ErrKey) {
			t.Errorf("%.30q: got %v", text, err)
		}
	}
	if _, err := GenerateRSA(1024); !errors.Is(err, ErrKey) {
		t.Errorf("1024 bits: got %v", err)
	}
	record, err := Record(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	zone := ZoneRecord("example.org", "s", record)
	for i, part := range strings.Split(zone, `"`) {
		if i%2 == 1 && len(part) > 255 {
			t.Errorf("a string of %d octets", len(part))
		}
	}
}

// FuzzVerify: no letter breaks the verifier.
func FuzzVerify(f *testing.F) {
	list, lookup := keys(f)
	sig, err := Sign(strings.NewReader(letter), Options{Domain: "football.example.com", Keys: list})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(sig, letter...))
	f.Add([]byte("DKIM-Signature: v=1; a=rsa-sha256; b=; bh=; d=; h=from; s=; q=\nFrom: x\n\n"))
	f.Add([]byte("DKIM-Signature: =;;b\nDKIM-Signature:\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := Verify(context.Background(), bytes.NewReader(text), lookup)
		for _, v := range list {
			if err == nil && v.Outcome == "" {
				t.Errorf("no outcome: %+v", v)
			}
		}
	})
}

// BenchmarkSign signs a letter of 16 MiB with both keys.
func BenchmarkSign(b *testing.B) {
	list, _ := keys(b)
	text := []byte("From: a@football.example.com\r\n\r\n" + strings.Repeat("A line of text as people write them, with a few words in it.\r\n", 1<<18))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Sign(struct{ io.Reader }{bytes.NewReader(text)}, Options{Domain: "example.org", Keys: list}); err != nil {
			b.Fatal(err)
		}
	}
}
