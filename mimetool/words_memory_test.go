package mimetool

import (
	"runtime"
	"slices"
	"strings"
	"testing"
)

// What a field of some megabytes makes of lists and pieces is bounded, whatever it is full of.
func TestHostileHeadersAreBounded(t *testing.T) {
	const size = 8 << 20
	for _, c := range []struct{ why, raw, defect string }{
		{"addresses", strings.Repeat("a@b,", size/4), "address-many"},
		{"an address of words", strings.Repeat("a ", size/2), "address-long"},
		{"an address in brackets", "<" + strings.Repeat("a.", size/2), "address-long"},
		{"parameters", "a/b" + strings.Repeat(";a=b", size/4), "param-many"},
		{"words", strings.Repeat("=?a?q?b?= ", size/10), "word-charset-unknown"},
		{"identifiers", strings.Repeat("<a>", size/3), ""},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, words := DecodeWords(c.raw, WordOptions{})
		_, params, paramDefects := ParseParams(c.raw, WordOptions{})
		list, addressDefects := ParseAddressList(c.raw, WordOptions{})
		ids := MessageIDs(c.raw)
		runtime.ReadMemStats(&after)
		names := wordsNames(words) + " " + wordsNames(paramDefects) + " " + wordsNames(addressDefects)
		if !strings.Contains(names, c.defect) {
			t.Errorf("%s: %s", c.why, names)
		}
		if len(list) > maxAddresses+1 || len(params) > maxPieces || len(ids) > maxIDs {
			t.Errorf("%s: %d addresses, %d parameters, %d identifiers", c.why, len(list), len(params), len(ids))
		}
		// All that was ever allocated, with the copies that growing lists leave behind: the half of it at most is live.
		if n := after.TotalAlloc - before.TotalAlloc; n > 40*size {
			t.Errorf("%s: %d MiB allocated", c.why, n>>20)
		}
	}
}

// Of a display name, a comment or a parameter that no sane program writes a piece is read: its other forms would fill the
// memory.
func TestLongPiece(t *testing.T) {
	long := strings.Repeat("x", maxPiece)
	for _, c := range []string{long + "yy <a@example.org>", "\"" + long + "yy\" <a@example.org>", "a@example.org (" + long + "yy)"} {
		list, defects := ParseAddressList(c, WordOptions{})
		if len(list) != 1 || list[0].Addr != "a@example.org" || list[0].Name != long {
			t.Errorf("%d addresses, a name of %d octets", len(list), len(list[0].Name))
		}
		if !hasDefect(defects, "address-long") {
			t.Errorf("%v", defects)
		}
	}
	if list, defects := ParseAddressList(long+"yy@example.org", WordOptions{}); len(list) != 1 || list[0].Addr != "" || !hasDefect(defects, "address-long") {
		t.Errorf("%d addresses, %v", len(list), defects)
	}
	for _, c := range []string{"text/plain; name=" + long + "yy", "text/plain; name=\"" + long + "yy\"", "text/plain; name=\"" + long + "yy"} {
		_, params, defects := ParseParams(c, WordOptions{})
		if params.Get("name") != long || !hasDefect(defects, "param-long") {
			t.Errorf("a value of %d octets, %v", len(params.Get("name")), defects)
		}
	}
}

func hasDefect(list []Defect, name string) bool {
	return slices.ContainsFunc(list, func(d Defect) bool { return d.Name == name })
}
