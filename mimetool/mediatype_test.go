package mimetool

import (
	"strings"
	"testing"
)

// TestUnended: comments and quoted strings that do not end are looked through once, not once for each that begins:
// each of these would otherwise take hours.
func TestUnended(t *testing.T) {
	const n = 2_000_000
	for name, body := range map[string]string{
		"comments before the type": strings.Repeat("(", n) + "text/plain",
		"comments after the type":  "text/plain" + strings.Repeat("(", n),
		"comments in parameters":   "text/plain;" + strings.Repeat("(;", n),
		"quotes in parameters":     "text/plain;" + strings.Repeat(`"\`, n),
		"escaped quotes":           "text/plain;\"" + strings.Repeat(`\"`, n),
	} {
		if got := mediaType([]byte(body)); got != "text/plain" {
			t.Errorf("%s: type %q", name, got)
		}
		if got := parameter([]byte(body), "boundary"); got != "" {
			t.Errorf("%s: boundary %q", name, got)
		}
	}
	if got := transferEncoding([]byte(strings.Repeat("(", n) + "base64")); got != "base64" {
		t.Errorf("encoding %q", got)
	}
}
