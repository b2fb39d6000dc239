package mailflow

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
)

// commonSelectors are those that widely used senders have.
func commonSelectors() []string {
	return []string{
		"default", "dkim", "mail", "s1", "s2", "k1", "k2", "k3", "selector1", "selector2", "google", "fm1", "fm2", "fm3",
		"protonmail", "protonmail2", "mxvault", "smtp", "email", "key1", "key2", "sig1", "mandrill", "mailjet", "zoho", "20230601",
	}
}

// checkKeys looks for the domain's DKIM keys: those asked for have to be there, common ones may.
func (k *check) checkKeys(ctx context.Context) {
	selectors := k.Selectors
	if len(selectors) == 0 {
		selectors = commonSelectors()
	}
	texts, errs := make([][]string, len(selectors)), make([]error, len(selectors))
	var all sync.WaitGroup
	for i, selector := range selectors {
		all.Go(func() { texts[i], _, errs[i] = k.Resolver.TXT(ctx, selector+"._domainkey."+k.domain) })
	}
	all.Wait()
	found := false
	for i, selector := range selectors {
		switch {
		case len(texts[i]) > 0:
			found = true
			k.checkKey(selector, texts[i])
		case k.Selectors == nil:
		case !k.lost("dkim "+selector, errs[i]):
			found = true
			k.add(Bad, "dkim "+selector, "RFC 6376 §3.6.2", "publish the key's record", "no key at %s._domainkey.%s", selector, k.domain)
		}
	}
	if !found {
		k.add(Info, "dkim", "RFC 6376 §3.6.2", "name the selectors that the domain signs with", "no key under a common selector; there may be others")
	}
}

// checkKey reads a key's record (RFC 6376 §3.6.1).
func (k *check) checkKey(selector string, texts []string) {
	subject := "dkim " + selector
	if len(texts) > 1 {
		k.add(Bad, subject, "RFC 6376 §3.6.2.2", "leave one", "%d records, there must be one", len(texts))
		return
	}
	tags := readTags(texts[0])
	if slices.Contains(strings.Split(tags["t"], ":"), "y") {
		k.add(Warn, subject, "RFC 6376 §3.6.1", "remove t=y", "the key is being tested: receivers treat its letters as unsigned")
	}
	if hashes := tags["h"]; hashes != "" && !slices.Contains(strings.Split(hashes, ":"), "sha256") {
		k.add(Bad, subject, "RFC 8301 §3.1", "remove h", "h=%s: without sha256 receivers accept no signature", hashes)
	}
	if services := strings.Split(tags["s"], ":"); tags["s"] != "" && !slices.Contains(services, "*") && !slices.Contains(services, "email") {
		k.add(Bad, subject, "RFC 6376 §3.6.1", "remove s", "s=%s: the key is not for mail", tags["s"])
	}
	key, err := base64.StdEncoding.DecodeString(tags["p"])
	switch {
	case tags["v"] != "" && tags["v"] != "DKIM1":
		k.add(Bad, subject, "RFC 6376 §3.6.1", "correct the record", "version %q", tags["v"])
	case tags["p"] == "":
		k.add(Info, subject, "RFC 6376 §3.6.1", "", "the key is revoked")
	case err != nil:
		k.add(Bad, subject, "RFC 6376 §3.6.1", "publish the key anew", "the key is not base64")
	case tags["k"] == "ed25519" && len(key) == 32:
		k.add(OK, subject, "RFC 8463", "", "an Ed25519 key")
	case tags["k"] == "" || tags["k"] == "rsa":
		k.checkRSA(subject, key)
	default:
		k.add(Bad, subject, "RFC 6376 §3.6.1", "publish the key anew", "a key of type %q and %d octets", tags["k"], len(key))
	}
}

func (k *check) checkRSA(subject string, der []byte) {
	parsed, _ := x509.ParsePKIXPublicKey(der)
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		var err error
		if key, err = x509.ParsePKCS1PublicKey(der); err != nil { // RFC 6376 §3.6.1 has this form too
			k.add(Bad, subject, "RFC 6376 §3.6.1", "publish the key anew", "no RSA key")
			return
		}
	}
	switch bits := key.N.BitLen(); {
	case bits < 1024:
		k.add(Bad, subject, "RFC 8301 §3.2", "make a key of 2048 bits", "an RSA key of %d bits: receivers do not accept it", bits)
	case bits < 2048:
		k.add(Warn, subject, "RFC 8301 §3.2", "make a key of 2048 bits", "an RSA key of %d bits", bits)
	default:
		k.add(OK, subject, "RFC 6376 §3.6.1", "", "an RSA key of %d bits", bits)
	}
}

// readTags reads a list of tags (RFC 6376 §3.2), without the white space in their values.
func readTags(text string) map[string]string {
	tags := map[string]string{}
	for tag := range strings.SplitSeq(text, ";") {
		if name, value, ok := strings.Cut(tag, "="); ok {
			tags[strings.TrimSpace(name)] = strings.Join(strings.Fields(value), "")
		}
	}
	return tags
}
