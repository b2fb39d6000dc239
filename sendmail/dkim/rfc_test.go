package dkim

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRFC6376: the signature of Appendix A.2, made with c=simple/simple, verifies with the key of Appendix C,
// and nothing else does, not even with a space less.
func TestRFC6376(t *testing.T) {
	signed := "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n" +
		"      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n" +
		"      h=Received : From : To : Subject : Date : Message-ID;\r\n" +
		"      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n" +
		"      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n" +
		"      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n" +
		"      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n" +
		"      4bmp/YzhwvcubU4=;\r\n" +
		"Received: from client1.football.example.com  [192.0.2.1]\r\n" +
		"      by submitserver.example.com with SUBMISSION;\r\n" +
		"      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n" +
		strings.Replace(letter, "game.  Are", "game. Are", 1)
	lookup := func(_ context.Context, name string) ([]string, error) {
		if name != "brisbane._domainkey.example.com" {
			return nil, fmt.Errorf("asked for %s", name)
		}
		return []string{"v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ" +
			"DwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt" +
			"IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7" +
			"od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfV" +
			"jH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"}, nil
	}
	if got := outcomes(t, signed, lookup); !slices.Equal(got, []Outcome{Pass}) {
		t.Errorf("got %v", got)
	}
	for _, change := range [][2]string{{"dinner", "lunch"}, {"[192.0.2.1]", "[192.0.2.2]"}, {"hungry", "angry"}, {"football.example.com  [", "football.example.com ["}} {
		if got := outcomes(t, strings.Replace(signed, change[0], change[1], 1), lookup); !slices.Equal(got, []Outcome{Fail}) {
			t.Errorf("%q for %q: got %v", change[1], change[0], got)
		}
	}
}

// TestRFC8463: the signatures of Appendix A verify with the keys given there.
func TestRFC8463(t *testing.T) {
	signed := "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n" +
		" d=football.example.com; i=@football.example.com;\r\n" +
		" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n" +
		" subject : date : message-id : from : subject : date;\r\n" +
		" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n" +
		" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n" +
		" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n" + letter
	lookup := func(_ context.Context, name string) ([]string, error) {
		if name != "brisbane._domainkey.football.example.com" {
			return nil, fmt.Errorf("asked for %s", name)
		}
		return []string{"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}, nil
	}
	if got := outcomes(t, signed, lookup); !slices.Equal(got, []Outcome{Pass}) {
		t.Errorf("got %v", got)
	}
	// Appendix A.2: the private key, and the body hash that any signer has to come to.
	seed, err := base64.StdEncoding.DecodeString("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	if text, err := Record(key.Public()); err != nil || text != "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" {
		t.Errorf("record: %q, %v", text, err)
	}
	sig, err := Sign(strings.NewReader(letter), Options{Domain: "football.example.com", Keys: []Key{{"brisbane", key}}})
	if err != nil || !bytes.Contains(sig, []byte("bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;")) {
		t.Errorf("signed: %s, %v", sig, err)
	}
	if got := outcomes(t, string(sig)+letter, lookup); !slices.Equal(got, []Outcome{Pass}) {
		t.Errorf("signed anew: got %v", got)
	}
}
