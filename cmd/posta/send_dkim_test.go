package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posta/internal/account"
	"posta/sendmail"
	"posta/sendmail/dkim"
)

// testSigner signs for example.org with an RSA and an Ed25519 key, and finds their records.
func testSigner(t testing.TB) (*signer, dkim.LookupTXT) {
	t.Helper()
	records := map[string]string{}
	a := &account.Account{Name: "w"}
	for _, selector := range []string{"rsa", "ed"} {
		key, err := dkim.GenerateEd25519()
		if selector == "rsa" {
			key, err = dkim.GenerateRSA(dkim.DefaultRSA)
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := dkim.MarshalKey(key)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), selector)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		a.DKIM = append(a.DKIM, account.DKIM{Domain: "example.org", Selector: selector, Key: path})
		if records[selector+"._domainkey.example.org"], err = dkim.Record(key.Public()); err != nil {
			t.Fatal(err)
		}
	}
	e, _, _ := testEnv("")
	s, err := newSigner(e, a)
	if err != nil {
		t.Fatal(err)
	}
	return s, func(_ context.Context, name string) ([]string, error) { return []string{records[name]}, nil }
}

// TestSignedLetters: the signatures stand in front of the octets that go out without them, whatever the letter is like,
// and are right.
func TestSignedLetters(t *testing.T) {
	s, lookup := testSigner(t)
	long := strings.Repeat("a line of a letter that lies in a file\n", 1<<14)
	for name, text := range map[string]string{
		"LF":              "From: a@example.org\nSubject: x\n\ntext\n",
		"CRLF":            "From: a@example.org\r\nSubject: x\r\n\r\ntext\r\n",
		"no body":         "From: a@example.org\nSubject: x\n",
		"no line end":     "From: a@example.org\n\ntext",
		"dots and blanks": "From: a@example.org\n\n.\n..\n text  \t\n\n\n",
		"folds":           "From: Ann\n <a@example.org>\nSubject : x\n\ty\n\ntext\n",
		"Bcc":             "Bcc: secret@example.org\nFrom: a@example.org\n\ntext\n",
		"8-bit":           "From: a@example.org\nSubject: Gr\u00fc\u00dfe\n\n\xff\xfe\n",
		"signed before":   "DKIM-Signature: v=1; a=rsa-sha256; d=x; s=y; h=from; bh=; b=\nFrom: a@example.org\n\ntext\n",
		"large":           "From: a@example.org\n\n" + long,
	} {
		l, err := sendmail.ReadLetter(strings.NewReader(text), sendmail.LetterOptions{MemoryLimit: 1 << 16})
		if err != nil {
			t.Fatal(err)
		}
		var plain, signed bytes.Buffer
		_, err1 := l.WriteTo(&plain)
		err2 := s.sign(l)
		_, err3 := l.WriteTo(&signed)
		if err := firstError(err1, err2, err3, l.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if int64(signed.Len()) != l.Size() {
			t.Errorf("%s: %d octets, announced %d", name, signed.Len(), l.Size())
		}
		head, ok := strings.CutSuffix(signed.String(), plain.String())
		if !ok || strings.Count(head, "DKIM-Signature: ") != 2 || !strings.HasSuffix(head, "\r\n") {
			t.Errorf("%s: in front of the letter stands %q", name, head)
		}
		list, err := dkim.Verify(context.Background(), &signed, lookup)
		if err != nil || len(list) < 2 || list[0].Outcome != dkim.Pass || list[1].Outcome != dkim.Pass {
			t.Errorf("%s: %+v, %v", name, list, err)
		} else if list[0].Selector != "rsa" || list[1].Selector != "ed" {
			t.Errorf("%s: not in the order of the configuration", name)
		}
	}
}

// TestSignChangedLetter: a letter that changes while it is signed is not sent.
func TestSignChangedLetter(t *testing.T) {
	s, _ := testSigner(t)
	path := filepath.Join(t.TempDir(), "letter")
	text := "From: a@example.org\n\n" + strings.Repeat("text\n", 1<<16)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := sendmail.ReadLetter(f, sendmail.LetterOptions{MemoryLimit: 1 << 16})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("T"), int64(len(text)-5)); err != nil {
		t.Fatal(err)
	}
	if err := s.sign(l); err == nil {
		t.Error("signed")
	}
}

// BenchmarkSign is what a letter of 2 KiB costs to sign with both keys.
func BenchmarkSign(b *testing.B) {
	s, _ := testSigner(b)
	s.now = time.Now
	text := fmt.Sprintf("From: a@example.org\nSubject: x\n\n%s", strings.Repeat("text of a letter\n", 120))
	for b.Loop() {
		l, err := sendmail.ReadLetter(strings.NewReader(text), sendmail.LetterOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.sign(l); err != nil {
			b.Fatal(err)
		}
	}
}
