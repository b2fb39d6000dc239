package mimetool

import (
	"strings"
	"testing"
)

// A person who typed an address is told in words what is wrong with it.
func TestAddressErrorSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"a b@x.org":      "at octet 0: a name beside an address",
		"a@x.org>":       "at octet 7: a > without its <",
		"a@":             "at octet 1: an @ without",
		"a..b@x.org":     "two dots",
		"\"a@x.org":      "a quote without its end",
		"x y":            "no address",
		"postmaster":     "no @ and domain",
		"(note a@x.org":  "a ( without its )",
		"[a]@example.qq": "must stand in quotes",
	} {
		if _, err := ParseAddresses(text, AddressSyntax{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
