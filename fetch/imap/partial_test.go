package imap

import (
	"errors"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// TestPartial: a part of what is found, cut out by the server (RFC 9394, RFC 5267) or here.
func TestPartial(t *testing.T) {
	for _, x := range []struct {
		caps    string
		partial Partial
		script  string
		want    string
	}{
		{"ESEARCH PARTIAL", Partial{-1, -2}, "C: p2 UID SEARCH RETURN (PARTIAL -1:-2) ALL\nS: * ESEARCH (TAG \"p2\") UID PARTIAL (-1:-2 8:9)\nS: p2 OK\n", "8:9"},
		{"ESEARCH PARTIAL", Partial{7, 8}, "C: p2 UID SEARCH RETURN (PARTIAL 7:8) ALL\nS: * ESEARCH (TAG \"p2\") UID PARTIAL (7:8 NIL)\nS: p2 OK\n", ""},
		{"ESEARCH CONTEXT=SEARCH", Partial{1, 2}, "C: p2 UID SEARCH RETURN (PARTIAL 1:2) ALL\nS: * ESEARCH (TAG \"p2\") UID PARTIAL (1:2 3,5)\nS: p2 OK\n", "3,5"},
		{"ESEARCH CONTEXT=SEARCH", Partial{-1, -3}, "C: p2 UID SEARCH RETURN (ALL) ALL\nS: * ESEARCH (TAG \"p2\") UID ALL 9,2:4\nS: p2 OK\n", "3:4,9"},
		{"", Partial{2, 3}, "C: p2 UID SEARCH ALL\nS: * SEARCH 9 2 3 4\nS: p2 OK\n", "3:4"},
		{"", Partial{-2, -9}, "C: p2 UID SEARCH ALL\nS: * SEARCH 9 2 3 4\nS: p2 OK\n", "2:4"},
		{"", Partial{4, 1}, "C: p2 UID SEARCH ALL\nS: * SEARCH 9 2 3 4\nS: p2 OK\n", "2:4,9"},
		{"", Partial{5, 6}, "C: p2 UID SEARCH ALL\nS: * SEARCH 9 2 3 4\nS: p2 OK\n", ""},
	} {
		t.Run(x.caps+" "+x.partial.String(), func(t *testing.T) {
			play(t, with(x.caps, x.script), func(c *Client) {
				if got := must(t, c.Search(Raw("ALL"), SearchOptions{Partial: &x.partial})).All.String(); got != x.want {
					t.Errorf("%s, want %s", got, x.want)
				}
			})
		})
	}
	play(t, with("PARTIAL", "C: p2 UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE 7 PARTIAL -1:-2)\nS: * 9 FETCH (UID 8 FLAGS ())\nS: p2 OK\n"), func(c *Client) {
		opt := FetchOptions{FetchOptions: goimap.FetchOptions{ChangedSince: 7}, Partial: &Partial{-1, -2}}
		if list, err := all(c.Fetch(goimap.UIDSet{{Start: 1}}, opt)); err != nil || len(list) != 1 {
			t.Error(list, err)
		}
		for _, p := range []Partial{{1, -2}, {0, 2}} {
			if _, err := c.Fetch(goimap.UIDSet{{Start: 1}}, FetchOptions{Partial: &p}).Next(); !errors.Is(err, ErrArgument) {
				t.Error(&p, err)
			}
		}
		if _, err := c.Fetch(goimap.SeqSet{{Start: 1}}, FetchOptions{Partial: &Partial{1, 2}}).Next(); !errors.Is(err, ErrArgument) {
			t.Error(err)
		}
	})
	play(t, with("", ""), func(c *Client) {
		if _, err := c.Search(Raw("ALL"), SearchOptions{Partial: &Partial{1, -1}}).Wait(); !errors.Is(err, ErrArgument) {
			t.Error(err)
		}
		if _, err := c.Fetch(goimap.UIDSet{{Start: 1}}, FetchOptions{Partial: &Partial{1, 2}}).Next(); !errors.Is(err, ErrUnsupported) {
			t.Error(err)
		}
	})
}
