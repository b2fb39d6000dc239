package mailflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"posta/mxlookup"
)

// SPFResult is what a domain says of the address that the letter came from.
type SPFResult struct {
	Result  string     `json:"result"` // RFC 7208 §2.6
	Domain  string     `json:"domain"`
	Address netip.Addr `json:"address"`
	Reason  string     `json:"reason,omitempty"`
}

// DKIMResult is what came of a signature.
type DKIMResult struct {
	Result string `json:"result"` // pass, fail, permerror, temperror
	Domain string `json:"domain"`
	Reason string `json:"reason,omitempty"`
}

// DMARCResult is what the domain of the From field wants done.
type DMARCResult struct {
	Result string `json:"result"` // pass, fail, none, permerror, temperror
	Domain string `json:"domain"`
	Policy string `json:"policy,omitempty"`
	By     string `json:"by,omitempty"` // what passed and is aligned: "dkim example.org"
}

// verify finds out anew what of the letter is true.
func (t *Trace) verify(ctx context.Context, r *mxlookup.Resolver, letter io.Reader) error {
	if err := t.verifyDKIM(ctx, r, letter); err != nil {
		return err
	}
	t.verifySPF(ctx, r)
	t.verifyDMARC(ctx, r)
	return ctx.Err()
}

func (t *Trace) verifyDKIM(ctx context.Context, r *mxlookup.Resolver, letter io.Reader) error {
	if !t.signed {
		_, err := io.Copy(io.Discard, letter)
		return err
	}
	source := &failing{r: letter}
	opts := &dkim.VerifyOptions{MaxVerifications: 8, LookupTXT: func(name string) ([]string, error) {
		texts, _, err := r.TXT(ctx, name)
		if none(err) {
			return nil, nil
		}
		return texts, asNetError(name, err)
	}}
	list, err := dkim.VerifyWithOptions(source, opts)
	if source.err != nil {
		return source.err
	}
	if _, err := io.Copy(io.Discard, letter); err != nil {
		return err
	}
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		return nil // a header that cannot be verified has no signatures
	}
	for _, v := range list {
		res := DKIMResult{Result: "pass", Domain: v.Domain}
		if v.Err != nil {
			res.Reason = strings.TrimPrefix(v.Err.Error(), "dkim: ")
			switch {
			case dkim.IsTempFail(v.Err):
				res.Result = "temperror"
			case dkim.IsPermFail(v.Err):
				res.Result = "permerror"
			default:
				res.Result = "fail"
			}
		}
		t.DKIM = append(t.DKIM, res)
	}
	return nil
}

// verifySPF asks the domain of the envelope's sender about the public address that the letter came from last: there it
// came in from outside, and what the fields before it say may be made up.
func (t *Trace) verifySPF(ctx context.Context, r *mxlookup.Resolver) {
	for i := len(t.Hops) - 1; i >= 0; i-- {
		hop := &t.Hops[i]
		if !hop.Address.IsValid() || !isReachable(hop.Address) {
			continue
		}
		sender := t.Sender
		if sender == "" { // RFC 7208 §2.4: the null sender is postmaster at the name that EHLO gave
			sender = "postmaster@" + hop.From
		}
		result, err := CheckSPF(ctx, r, hop.Address, hop.From, sender)
		t.SPF = &SPFResult{Result: result, Domain: sender[strings.LastIndexByte(sender, '@')+1:], Address: hop.Address}
		if err != nil {
			t.SPF.Reason = err.Error()
		}
		return
	}
}

// isReachable is isPublic, but for the addresses that documents use: they stand for public ones.
func isReachable(a netip.Addr) bool {
	return !(a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified())
}

// verifyDMARC looks for what passed in the name of the From field's domain (RFC 7489 §6.6.2).
func (t *Trace) verifyDMARC(ctx context.Context, r *mxlookup.Resolver) {
	from, err := mxlookup.Domain(t.From)
	if t.From == "" || err != nil {
		return
	}
	t.DMARC = &DMARCResult{Result: "none", Domain: from}
	record, where, _, err := DMARC(ctx, r, from)
	switch {
	case where != "" && err != nil:
		t.DMARC.Result = "permerror"
		return
	case err != nil:
		t.DMARC.Result = "temperror"
		return
	case where == "":
		return
	}
	t.DMARC.Result, t.DMARC.Policy = "fail", string(record.Policy)
	if where != from && record.SubdomainPolicy != "" {
		t.DMARC.Policy = string(record.SubdomainPolicy)
	}
	for _, v := range t.DKIM {
		if v.Result == "pass" && Aligned(v.Domain, from, alignment(record.DKIMAlignment) == "strict") {
			t.DMARC.Result, t.DMARC.By = "pass", "dkim "+v.Domain
			return
		}
	}
	if t.SPF != nil && t.SPF.Result == "pass" && Aligned(t.SPF.Domain, from, alignment(record.SPFAlignment) == "strict") {
		t.DMARC.Result, t.DMARC.By = "pass", "spf "+t.SPF.Domain
	}
}

// ErrEmptyLines is the error of a letter whose signatures cannot be verified in bounded memory: line ends that may be
// the last ones have to be kept (RFC 6376 §3.4.3).
var ErrEmptyLines = fmt.Errorf("letter has more than %d empty lines in a row", maxEmptyLines)

const maxEmptyLines = 1 << 16

// failing keeps the error of a reader, which the verifier would make a verdict of.
type failing struct {
	r     io.Reader
	lines int // line ends since the last octet that is not white space
	err   error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	for _, c := range p[:n] {
		if c == '\n' {
			f.lines++
		} else if c > ' ' {
			f.lines = 0
		}
		if f.lines > maxEmptyLines {
			f.err = ErrEmptyLines
			return 0, f.err
		}
	}
	return n, err
}
