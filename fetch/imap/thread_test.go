package imap

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// outline is a list of threads, indented.
func outline(list []Threaded) string {
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "%s%d ", strings.Repeat(">", int(m.Depth)), m.UID)
	}
	return strings.TrimSpace(b.String())
}

// TestThread are the examples of RFC 5256 §4, and what is none.
func TestThread(t *testing.T) {
	for response, want := range map[string]string{
		"(2)(3 6 (4 23)(44 7 96))": "2 3 >6 >>4 >>>23 >>44 >>>7 >>>>96",
		"((3)(5))":                 "0 >3 >5",
		"(1 (2)(3))(4)":            "1 >2 >3 4",
		"((1 2)((3)(4)))":          "0 >1 >>2 >0 >>3 >>4",
		"(1) ( 2  3 ) ()":          "1 2 >3",
		"":                         "",
	} {
		play(t, with("THREAD=REFERENCES", "C: p2 UID THREAD REFERENCES US-ASCII ALL\nS: * THREAD "+response+"\nS: p2 OK\n"), func(c *Client) {
			if got := outline(must(t, c.Thread(goimap.ThreadReferences, Raw("ALL")))); got != want {
				t.Errorf("%s is %s, want %s", response, got, want)
			}
		})
	}
	for _, broken := range []string{"1 2", "(1", "(1))", "(0)", "(x)", "(4294967296)", "(1 {1}", strings.Repeat("(", 1e6)} {
		c := overMemory(strings.NewReader("* THREAD " + broken + "\r\np2 OK\r\n")).c
		c.flight, c.tags, c.caps = nil, 1, goimap.CapSet{"THREAD=REFS": {}}
		if _, err := c.Thread("refs", Raw("ALL")).Wait(); !errors.Is(err, ErrProtocol) {
			t.Errorf("%.20s: %v", broken, err)
		}
	}
	play(t, with("", ""), func(c *Client) {
		if _, err := c.Thread(goimap.ThreadReferences, Raw("ALL")).Wait(); !errors.Is(err, ErrUnsupported) {
			t.Error(err)
		}
	})
}
