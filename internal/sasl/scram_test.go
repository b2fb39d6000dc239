package sasl

import (
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"hash"
	"strings"
	"testing"
)

// exchange is what a server says in turn, and what the client has to answer.
type exchange struct {
	mech       string
	hash       func() hash.Hash
	nonce      string
	start      string
	challenges []string
	answers    []string
}

// The examples of RFC 5802 §5 and RFC 7677 §3.
var rfcExamples = []exchange{
	{
		ScramSHA1, sha1.New, "fyko+d2lbbFgONRv9qkxdawL",
		"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
		[]string{
			"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
			"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
		},
		[]string{"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", ""},
	},
	{
		ScramSHA256, sha256.New, "rOprNGfwEbeRWgbNEkqO",
		"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
		[]string{
			"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
			"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
		},
		[]string{"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", ""},
	},
}

func (x exchange) client(t testing.TB, secure bool) *scram {
	t.Helper()
	s, err := newScram(x.mech, x.hash, Credentials{Username: "user", Password: "pencil"}, secure, x.nonce)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestScramRFCExamples(t *testing.T) {
	for _, x := range rfcExamples {
		t.Run(x.mech, func(t *testing.T) {
			c := x.client(t, false)
			mech, ir, err := c.Start()
			if mech != x.mech || string(ir) != x.start || err != nil {
				t.Errorf("Start = %q, %q, %v", mech, ir, err)
			}
			for i, challenge := range x.challenges {
				answer, err := c.Next([]byte(challenge))
				if string(answer) != x.answers[i] || answer == nil || err != nil {
					t.Errorf("Next(%q) = %q, %v; want %q", challenge, answer, err, x.answers[i])
				}
			}
			if err := c.Done(); err != nil {
				t.Errorf("Done: %v", err)
			}
			if _, err := c.Next(nil); !errors.Is(err, ErrChallenge) {
				t.Errorf("a third challenge: %v", err)
			}
		})
	}
}

func TestScramServerMustProve(t *testing.T) {
	x := rfcExamples[1]
	for _, c := range []struct {
		name, final string
		next, done  error
	}{
		{"wrong signature", "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", ErrServer, ErrServer},
		{"shortened signature", "v=6rriTRBi23WpRR/wtup+mA==", ErrServer, ErrServer},
		{"empty signature", "v=", ErrServer, ErrServer},
		{"no base64", "v=!", ErrServer, ErrServer},
		{"another attribute", "x=1", ErrChallenge, ErrServer},
		{"nothing", "", ErrChallenge, ErrServer},
		{"an error, then success", "e=invalid-proof", nil, ErrServer},
		{"right, with an extension", x.challenges[1] + ",x=1", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := x.client(t, false)
			client.Next([]byte(x.challenges[0]))
			if _, err := client.Next([]byte(c.final)); !errors.Is(err, c.next) {
				t.Errorf("Next: %v, want %v", err, c.next)
			}
			if err := client.Done(); !errors.Is(err, c.done) {
				t.Errorf("Done: %v, want %v", err, c.done)
			}
		})
	}
	t.Run("nothing to verify", func(t *testing.T) {
		client := x.client(t, true)
		client.Next([]byte("broken"))
		if _, err := client.Next([]byte("v=")); !errors.Is(err, ErrServer) || client.Done() == nil {
			t.Errorf("Next: %v, Done: %v", err, client.Done())
		}
	})
	t.Run("success at once", func(t *testing.T) {
		if err := x.client(t, true).Done(); !errors.Is(err, ErrServer) {
			t.Errorf("Done: %v", err)
		}
	})
	t.Run("success after the first message", func(t *testing.T) {
		client := x.client(t, true)
		client.Next([]byte(x.challenges[0]))
		if err := client.Done(); !errors.Is(err, ErrServer) {
			t.Errorf("Done: %v", err)
		}
	})
}

func TestScramReason(t *testing.T) {
	x := rfcExamples[0]
	client := x.client(t, false)
	client.Next([]byte(x.challenges[0]))
	client.Next([]byte("e=invalid-proof"))
	if got := Reason(client); got != "invalid-proof" {
		t.Errorf("reason %q", got)
	}
}

func TestScramServerFirst(t *testing.T) {
	const nonce = "abc"
	for _, c := range []struct {
		name, message string
		secure        bool
		want          error
	}{
		{"fine", "r=abcdef,s=QSXCR+Q6sek8bf92,i=4096", false, nil},
		{"an extension that may be ignored", "r=abcdef,s=QSXCR+Q6sek8bf92,i=4096,x=1", false, nil},
		{"mandatory extension, §5.1", "m=1,r=abcdef,s=QSXCR+Q6sek8bf92,i=4096", false, ErrChallenge},
		{"another's nonce, §5.1", "r=xbcdef,s=QSXCR+Q6sek8bf92,i=4096", false, ErrChallenge},
		{"nothing of the server's in the nonce", "r=abc,s=QSXCR+Q6sek8bf92,i=4096", false, ErrChallenge},
		{"blank in the nonce", "r=abc def,s=QSXCR+Q6sek8bf92,i=4096", false, ErrChallenge},
		{"empty salt", "r=abcdef,s=,i=4096", false, ErrChallenge},
		{"salt not base64", "r=abcdef,s=!,i=4096", false, ErrChallenge},
		{"no count", "r=abcdef,s=QSXCR+Q6sek8bf92,i=", false, ErrChallenge},
		{"count zero", "r=abcdef,s=QSXCR+Q6sek8bf92,i=0", true, ErrChallenge},
		{"negative count", "r=abcdef,s=QSXCR+Q6sek8bf92,i=-1", true, ErrChallenge},
		{"signed count", "r=abcdef,s=QSXCR+Q6sek8bf92,i=+4096", true, ErrChallenge},
		{"leading zero", "r=abcdef,s=QSXCR+Q6sek8bf92,i=04096", true, ErrChallenge},
		{"too many", "r=abcdef,s=QSXCR+Q6sek8bf92,i=2000001", true, ErrChallenge},
		{"far too many", "r=abcdef,s=QSXCR+Q6sek8bf92,i=99999999999999999999", true, ErrChallenge},
		{"few, overheard, RFC 7677 §4", "r=abcdef,s=QSXCR+Q6sek8bf92,i=4095", false, ErrInsecure},
		{"few, under TLS", "r=abcdef,s=QSXCR+Q6sek8bf92,i=1000", true, nil},
		{"too short", "r=abcdef,s=QSXCR+Q6sek8bf92", true, ErrChallenge},
		{"nothing", "", true, ErrChallenge},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := newScram(ScramSHA256, sha256.New, Credentials{Username: "user", Password: "pencil"}, c.secure, nonce)
			answer, err := s.Next([]byte(c.message))
			if !errors.Is(err, c.want) || (c.want != nil) != (answer == nil) {
				t.Errorf("%q, %v; want %v", answer, err, c.want)
			}
		})
	}
}

func TestScramNames(t *testing.T) {
	cred := Credentials{Username: "a=b,c", Password: "x", Authzid: "d,e=f"}
	c, err := newScramSHA256(cred, true)
	if err != nil {
		t.Fatal(err)
	}
	_, ir, _ := c.Start()
	if !strings.HasPrefix(string(ir), "n,a=d=2Ce=3Df,n=a=3Db=2Cc,r=") {
		t.Errorf("client-first-message %q", ir)
	}
	again, _ := newScramSHA256(cred, true)
	if _, other, _ := again.Start(); string(other) == string(ir) {
		t.Error("the nonce is the same twice")
	}
	if _, err := newScramSHA256(Credentials{Username: "a", Password: "\x07"}, true); !errors.Is(err, ErrCredentials) {
		t.Errorf("a control character: %v", err)
	}
}

func FuzzScramServer(f *testing.F) {
	for _, x := range rfcExamples {
		f.Add(x.challenges[0], x.challenges[1])
	}
	f.Add("m=1,r=,s=,i=", "e=x,v=")
	f.Fuzz(func(t *testing.T, first, final string) {
		if i := strings.Index(first, "i="); i >= 0 && len(first) > i+6 {
			return // the count is bounded, but not for a fuzzer's patience
		}
		for _, x := range rfcExamples {
			c := x.client(t, false)
			if _, err := c.Next([]byte(first)); err != nil {
				continue
			}
			_, err := c.Next([]byte(final))
			right := first == x.challenges[0] && strings.HasPrefix(final+",", x.challenges[1]+",")
			if done := c.Done(); done == nil && (err != nil || !right) {
				t.Errorf("%q, %q passes for the server", first, final)
			}
		}
	})
}

func BenchmarkScramSHA256(b *testing.B) {
	x := rfcExamples[1]
	for b.Loop() {
		x.client(b, false).Next([]byte(x.challenges[0]))
	}
}
