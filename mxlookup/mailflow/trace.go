package mailflow

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"posta/mimetool"
	"posta/mxlookup"
)

// ErrNoLetter is the error of what has no header.
var ErrNoLetter = errors.New("not a letter: it has no header")

// Bounds of a letter that is traced.
const (
	maxTraceHeader = 1 << 20 // octets of its header
	maxHops        = 1000    // servers call a hundred a loop (RFC 5321 §6.3)
	maxAuthResults = 1000
)

// Trace is what a letter says of its way, and what of it is true.
type Trace struct {
	MessageID string       `json:"message_id,omitempty"`
	From      string       `json:"from,omitempty"`   // address of the From field
	Sender    string       `json:"sender,omitempty"` // of the envelope: Return-Path
	Date      time.Time    `json:"date,omitzero"`
	Hops      []Hop        `json:"hops"`                // in the order of time
	More      int          `json:"more_hops,omitempty"` // that are not shown: there are too many
	Total     float64      `json:"total"`               // seconds from the first time to the last
	Results   []AuthResult `json:"results,omitempty"`
	ARC       []ARCSet     `json:"arc,omitempty"`
	SPF       *SPFResult   `json:"spf,omitempty"` // found out anew, as is what follows
	DKIM      []DKIMResult `json:"dkim,omitempty"`
	DMARC     *DMARCResult `json:"dmarc,omitempty"`

	signed bool // there is a DKIM-Signature field
}

// AuthResult is an Authentication-Results field (RFC 8601): a server's word, worth what that server is.
type AuthResult struct {
	Server  string   `json:"server"`
	Results []string `json:"results"` // "dkim=pass header.d=example.org"
}

// ARCSet is what one server sealed of what it had seen (RFC 8617). The seal is shown, not verified.
type ARCSet struct {
	Instance string   `json:"instance"`
	Chain    string   `json:"chain"` // cv: none, pass or fail
	Domain   string   `json:"domain"`
	Results  []string `json:"results,omitempty"`
}

// ReadTrace reads a letter to its end. With a resolver it verifies SPF, DKIM and DMARC anew; nil: it does not.
func ReadTrace(ctx context.Context, r io.Reader, resolver *mxlookup.Resolver) (*Trace, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := readTraceHeader(br)
	if err != nil {
		return nil, err
	}
	header := mimetool.ParseHeader(head)
	if !slices.ContainsFunc(header, func(f mimetool.Field) bool { return f.Name != "" }) {
		return nil, ErrNoLetter
	}
	t := &Trace{}
	t.read(header)
	if resolver == nil {
		_, err := io.Copy(io.Discard, br)
		return t, err
	}
	return t, t.verify(ctx, resolver, io.MultiReader(bytes.NewReader(head), br))
}

// readTraceHeader reads up to the empty line, and that too. A From_ line before the header is left out.
func readTraceHeader(r *bufio.Reader) ([]byte, error) {
	var head []byte
	for {
		line, err := r.ReadSlice('\n')
		if len(head) == 0 && bytes.HasPrefix(line, []byte("From ")) {
			line = nil
		}
		head = append(head, line...)
		switch {
		case len(head) > maxTraceHeader:
			return nil, ErrNoLetter
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return head, nil
		case err != nil:
			return nil, err
		case len(line) > 0 && len(bytes.TrimRight(line, "\r\n")) == 0:
			return head, nil
		}
	}
}

// read takes what the header says.
func (t *Trace) read(h mimetool.Header) {
	if ids := mimetool.MessageIDs(h.Get("Message-ID")); len(ids) > 0 {
		t.MessageID = "<" + ids[0] + ">"
	}
	if from, _ := mimetool.ParseAddressList(h.Get("From"), mimetool.WordOptions{}); len(from) > 0 {
		t.From = from[0].Addr
	}
	t.Sender = strings.Trim(h.Get("Return-Path"), "<> \t")
	if date, err := mimetool.ParseDate(h.Get("Date")); err == nil {
		t.Date = date
	}
	t.signed = len(h.Values("DKIM-Signature")) > 0
	received := h.Values("Received")
	t.More = max(0, len(received)-maxHops)
	for _, value := range received[:len(received)-t.More] { // the last ones stand first
		t.Hops = append(t.Hops, parseReceived(value))
	}
	slices.Reverse(t.Hops) // each server puts its own in front
	t.Total = timeHops(t.Hops, t.Date).Seconds()
	for _, value := range h.Values("Authentication-Results") {
		if len(t.Results) == maxAuthResults {
			break
		}
		server, results := splitResults(value)
		t.Results = append(t.Results, AuthResult{server, results})
	}
	t.readARC(h)
}

// splitResults takes an Authentication-Results field apart, without its comments (RFC 8601 §2.2).
func splitResults(value string) (server string, results []string) {
	var plain strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '(' {
			i += commentLength(value[i:]) - 1
			continue
		}
		plain.WriteByte(value[i])
	}
	for i, part := range strings.Split(plain.String(), ";") {
		part = strings.Join(strings.Fields(part), " ")
		switch {
		case i == 0:
			server, _, _ = strings.Cut(part, " ")
		case part != "" && part != "none":
			results = append(results, part)
		}
	}
	return server, results
}

// readARC gathers the sets by their instance.
func (t *Trace) readARC(h mimetool.Header) {
	results := map[string][]string{}
	for _, value := range h.Values("ARC-Authentication-Results") {
		first, rest, _ := strings.Cut(value, ";")
		_, list := splitResults(rest)
		results[readTags(first)["i"]] = list
	}
	for _, value := range h.Values("ARC-Seal") {
		tags := readTags(value)
		if len(t.ARC) < 50 { // RFC 8617 §4.2.1
			t.ARC = append(t.ARC, ARCSet{Instance: tags["i"], Chain: tags["cv"], Domain: tags["d"], Results: results[tags["i"]]})
		}
	}
	slices.Reverse(t.ARC)
}
