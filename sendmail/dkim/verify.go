package dkim

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// maxSignatures bounds how many signatures of a letter are verified (RFC 6376 §6.1 leaves it to the verifier).
const maxSignatures = 8

// Outcome is what came of verifying a signature, in the words of RFC 8601 §2.7.1.
type Outcome string

// The outcomes.
const (
	Pass      Outcome = "pass"
	Fail      Outcome = "fail"      // the letter or the signature was changed
	PermError Outcome = "permerror" // it can never be verified: malformed, expired, no key
	TempError Outcome = "temperror" // the key cannot be had now
)

// Verification is one signature of a letter.
type Verification struct {
	Outcome   Outcome  `json:"result"`
	Domain    string   `json:"domain"`   // d
	Selector  string   `json:"selector"` // s
	Identity  string   `json:"identity,omitempty"`
	Algorithm string   `json:"algorithm"` // a
	Signed    []string `json:"signed,omitempty"`
	Reason    string   `json:"reason,omitempty"` // why it did not pass
}

// LookupTXT finds the texts at a name. An error whose Temporary method says so is one that may pass; any other says
// that there are none.
type LookupTXT func(ctx context.Context, name string) ([]string, error)

// Verify reads a letter to its end and verifies its signatures, the first eight; none is an empty list.
func Verify(ctx context.Context, r io.Reader, lookup LookupTXT) ([]Verification, error) {
	br := bufio.NewReaderSize(r, 32<<10)
	fields, err := readHeader(br)
	if err != nil {
		return nil, err
	}
	var head bytes.Buffer
	var list []Verification
	for _, f := range fields {
		if head.Write(f.raw); f.name == "dkim-signature" && len(list) < maxSignatures {
			list = append(list, readTags(f.raw))
		}
	}
	head.WriteString("\r\n")
	if len(list) == 0 {
		_, err := io.Copy(io.Discard, br)
		return nil, err
	}
	failing := &readError{r: br}
	opts := &dkim.VerifyOptions{MaxVerifications: maxSignatures, LookupTXT: func(name string) ([]string, error) {
		texts, err := lookup(ctx, name)
		if err != nil {
			return nil, lookupError{err}
		}
		return texts, nil
	}}
	found, err := dkim.VerifyWithOptions(io.MultiReader(&head, failing), opts)
	switch {
	case failing.err != nil:
		return nil, failing.err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && !errors.Is(err, dkim.ErrTooManySignatures):
		return nil, err
	}
	for i := range min(len(found), len(list)) {
		list[i].judge(found[i])
	}
	return list, nil
}

// judge takes over what go-msgauth found out.
func (v *Verification) judge(found *dkim.Verification) {
	v.Outcome, v.Reason, v.Signed, v.Identity = Pass, "", found.HeaderKeys, found.Identifier
	if found.Err == nil {
		return
	}
	v.Reason = strings.TrimPrefix(found.Err.Error(), "dkim: ")
	switch {
	case dkim.IsTempFail(found.Err):
		v.Outcome = TempError
	case dkim.IsPermFail(found.Err):
		v.Outcome = PermError
	default:
		v.Outcome = Fail
	}
}

// readTags reads what names a signature out of its field.
func readTags(raw []byte) Verification {
	v := Verification{Outcome: PermError, Reason: "malformed signature tags"}
	_, text, _ := strings.Cut(string(raw), ":")
	for tag := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(tag, "=")
		value = strings.Join(strings.Fields(value), "")
		switch strings.TrimSpace(name) {
		case "d":
			v.Domain = value
		case "s":
			v.Selector = value
		case "a":
			v.Algorithm = value
		}
	}
	return v
}

// lookupError is an error as go-msgauth asks for it: a net.Error.
type lookupError struct{ error }

func (e lookupError) Timeout() bool { return false }

func (e lookupError) Temporary() bool {
	var t interface{ Temporary() bool }
	return errors.As(e.error, &t) && t.Temporary()
}

func (e lookupError) Unwrap() error { return e.error }

// ErrEmptyLines is the error of a letter that cannot be verified in bounded memory: line ends that may be the last ones
// have to be kept, by each signature (RFC 6376 §3.4.3).
var ErrEmptyLines = fmt.Errorf("letter has more than %d empty lines in a row", maxEmptyLines)

const maxEmptyLines = 1 << 16

// readError keeps the error of a reader, which go-msgauth would make a verdict of.
type readError struct {
	r     io.Reader
	lines int // line ends since the last octet that is not white space
	err   error
}

func (r *readError) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	for _, c := range p[:n] {
		switch c {
		case '\n':
			r.lines++
		case ' ', '\t', '\r':
		default:
			r.lines = 0
		}
		if r.lines > maxEmptyLines {
			r.err = ErrEmptyLines
			return 0, r.err
		}
	}
	return n, err
}
