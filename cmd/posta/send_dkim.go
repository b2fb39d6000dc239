package main

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"posta/internal/account"
	"posta/sendmail"
	"posta/sendmail/dkim"
)

// signer signs what an account sends (RFC 6376). A nil signer signs nothing.
type signer struct {
	now     func() time.Time
	domains []dkim.Options // one for each domain, with its keys
}

// newSigner reads the keys of an account; nil when it has none.
func newSigner(e *env, a *account.Account) (*signer, error) {
	if len(a.DKIM) == 0 {
		return nil, nil
	}
	s := &signer{now: e.now}
	for _, k := range a.DKIM {
		text, err := a.DKIMKey(k)
		if err != nil {
			return nil, err
		}
		key, err := dkim.ParseKey(text)
		if err != nil {
			return nil, a.DKIMError(k, err)
		}
		opts := dkim.Options{Domain: k.Domain, Keys: []dkim.Key{{Selector: k.Selector, Signer: key}}}
		if err := opts.Check(); err != nil {
			return nil, a.DKIMError(k, err)
		}
		same := func(o dkim.Options) bool { return strings.EqualFold(o.Domain, k.Domain) }
		if i := slices.IndexFunc(s.domains, same); i >= 0 {
			s.domains[i].Keys = append(s.domains[i].Keys, opts.Keys...)
		} else {
			s.domains = append(s.domains, opts)
		}
	}
	return s, nil
}

// sign puts the signatures in front of a letter, all of whose other edits are done.
func (s *signer) sign(l *sendmail.Letter) error {
	if s == nil {
		return nil
	}
	var all []string
	for _, opts := range s.domains {
		opts.Time = s.now()
		fields, err := signLetter(l, opts)
		if err != nil {
			return err
		}
		all = append(all, fields...)
	}
	for _, field := range slices.Backward(all) {
		if err := l.Prepend("DKIM-Signature", field); err != nil {
			return err
		}
	}
	return nil
}

// signLetter makes the signatures of the letter as it goes out, each without the name of its field.
func signLetter(l *sendmail.Letter, opts dkim.Options) ([]string, error) {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := l.WriteTo(w)
		w.CloseWithError(err)
	}()
	fields, err := dkim.Sign(r, opts)
	r.Close()
	<-done // the letter is ours again
	if err != nil {
		return nil, signError(err)
	}
	return strings.Split(strings.TrimPrefix(string(fields), "DKIM-Signature: "), "\r\nDKIM-Signature: "), nil
}

// signError is an error of signing with its exit status: what is wrong with the options is the configuration's.
func signError(err error) error {
	if errors.Is(err, dkim.ErrOptions) {
		return fail(exitConfig, "dkim: %w", err)
	}
	return dkimError(err)
}
