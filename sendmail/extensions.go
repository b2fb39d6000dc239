package sendmail

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Keyword is a line of the reply to EHLO: its keyword in upper case and its parameters as they came.
type Keyword struct {
	Name  string `json:"name"`
	Param string `json:"param,omitempty"`
}

// Extensions is what the server offers (RFC 5321 §4.1.1.1). The zero value offers nothing, as after HELO.
type Extensions struct {
	Keywords []Keyword // in the server's order

	pipelining, chunking, binary, eightBit, utf8, dsn, enhanced, requireTLS, size bool
}

// parseExtensions reads the text of the reply to EHLO; its first line is the server's name and greeting.
func parseExtensions(text string) *Extensions {
	x := new(Extensions)
	_, text, _ = strings.Cut(text, "\n")
	for line := range strings.SplitSeq(text, "\n") {
		name, param, _ := strings.Cut(strings.TrimSpace(line), " ")
		// RFC 4954 does not have it, but servers older than RFC 2554 say "AUTH=LOGIN".
		if len(name) > 5 && strings.EqualFold(name[:5], "AUTH=") {
			name, param = "AUTH", name[5:]+" "+param
		}
		if name != "" {
			x.Keywords = append(x.Keywords, Keyword{strings.ToUpper(name), strings.TrimSpace(param)})
		}
	}
	x.pipelining, x.chunking, x.binary = x.Has("PIPELINING"), x.Has("CHUNKING"), x.Has("BINARYMIME")
	x.eightBit, x.utf8, x.dsn = x.Has("8BITMIME"), x.Has("SMTPUTF8"), x.Has("DSN")
	x.enhanced, x.requireTLS, x.size = x.Has("ENHANCEDSTATUSCODES"), x.Has("REQUIRETLS"), x.Has("SIZE")
	return x
}

// Has says whether the server offers a keyword, which is given in upper case.
func (x *Extensions) Has(name string) bool {
	_, ok := x.Param(name)
	return ok
}

// Param is the parameter of a keyword.
func (x *Extensions) Param(name string) (string, bool) {
	for _, k := range x.Keywords {
		if k.Name == name {
			return k.Param, true
		}
	}
	return "", false
}

// MaxSize is the largest letter that the server takes, in octets; 0 when it does not say (RFC 1870 §3).
func (x *Extensions) MaxSize() int64 {
	param, _ := x.Param("SIZE")
	n, err := strconv.ParseInt(strings.TrimSpace(param), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Auth is the SASL mechanisms offered, in upper case, each once. Several AUTH lines add up.
func (x *Extensions) Auth() []string {
	var mechanisms []string
	for _, k := range x.Keywords {
		if k.Name != "AUTH" {
			continue
		}
		for m := range strings.FieldsSeq(strings.ToUpper(k.Param)) {
			if !slices.Contains(mechanisms, m) {
				mechanisms = append(mechanisms, m)
			}
		}
	}
	return mechanisms
}

// DeliverByMin is the shortest delivery time that the server promises anything for (RFC 2852 §2).
func (x *Extensions) DeliverByMin() time.Duration {
	param, _ := x.Param("DELIVERBY")
	first, _, _ := strings.Cut(param, ",")
	n, err := strconv.ParseUint(strings.TrimSpace(first), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// FutureRelease is how far ahead a letter may be held: an interval and a date (RFC 4865 §3). Zero when the server does
// not say.
func (x *Extensions) FutureRelease() (interval time.Duration, until time.Time) {
	param, _ := x.Param("FUTURERELEASE")
	fields := strings.Fields(param)
	if len(fields) > 0 {
		if n, err := strconv.ParseUint(fields[0], 10, 31); err == nil {
			interval = time.Duration(n) * time.Second
		}
	}
	if len(fields) > 1 {
		until, _ = time.Parse(time.RFC3339, fields[1])
	}
	return interval, until
}
