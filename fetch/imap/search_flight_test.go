package imap

import (
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// TestSearchesInFlight: what several searches find comes to each of them, in whatever order the server tells it. Dovecot tells
// of four before the first one is done; without ESEARCH nothing would say whose it is (RFC 9051 §5.5), so they wait for each other.
func TestSearchesInFlight(t *testing.T) {
	for name, d := range map[string]dialogue{
		"ESEARCH": with("ESEARCH", `C: p2 EXAMINE "INBOX"
C: p3 UID SEARCH RETURN (ALL) UID 1:9
C: p4 UID SEARCH RETURN (ALL) UID 10:19
C: p5 UID SEARCH RETURN (ALL) UID 20:29
S: p2 OK
S: * ESEARCH (TAG "p4") UID ALL 11
S: * ESEARCH (TAG "p3") UID ALL 1:2
S: * ESEARCH (TAG "p5") UID
S: p4 OK
S: p5 OK
S: p3 OK
`),
		"SEARCH": with("", `C: p2 EXAMINE "INBOX"
C: p3 UID SEARCH UID 1:9
S: p2 OK
S: * SEARCH 1 2
S: p3 OK
C: p4 UID SEARCH UID 10:19
S: * SEARCH 11
S: p4 OK
C: p5 UID SEARCH UID 20:29
S: * SEARCH
S: p5 OK
`),
	} {
		t.Run(name, func(t *testing.T) {
			play(t, d, func(c *Client) {
				c.Select("INBOX", SelectOptions{ReadOnly: true})
				var searches []*Pending[Found]
				for _, set := range []string{"1:9", "10:19", "20:29"} {
					searches = append(searches, c.Search(Raw("UID", set), SearchOptions{}))
				}
				for i, want := range []string{"1:2", "11", ""} {
					if got := must(t, searches[i]); got.All.String() != want {
						t.Errorf("search %d found %q, want %q", i, got.All, want)
					}
				}
			})
		})
	}
	// A SELECT waits for what is before it, so that one search in each folder still is one turn.
	play(t, with("SORT", `C: p2 EXAMINE "a"
C: p3 UID SEARCH ALL
C: p4 UID SORT (DATE) US-ASCII ALL
C: p5 EXAMINE "b"
C: p6 UID SEARCH ALL
C: p7 UID SORT (DATE) US-ASCII ALL
S: p2 OK
S: * SEARCH 1
S: p3 OK
S: * SORT 1
S: p4 OK
S: p5 OK
S: * SEARCH 2
S: p6 OK
S: * SORT 2
S: p7 OK
`), func(c *Client) {
		var sorts []*Pending[[]goimap.UID]
		var searches []*Pending[Found]
		for _, name := range []string{"a", "b"} {
			c.Select(name, SelectOptions{ReadOnly: true})
			searches = append(searches, c.Search(Raw("ALL"), SearchOptions{}))
			sorts = append(sorts, c.Sort(Raw("ALL"), "DATE"))
		}
		for i := range goimap.UID(2) {
			if got := must(t, sorts[i]); len(got) != 1 || got[0] != i+1 {
				t.Errorf("sorted %v", got)
			}
			if got := must(t, searches[i]); got.Count != 1 || got.Min != uint32(i+1) {
				t.Errorf("found %v", got.All)
			}
		}
	})
}
