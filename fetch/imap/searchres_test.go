package imap

import (
	"errors"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// TestIMAP4rev2: a server that knows nothing else speaks UTF-8 (RFC 9051 §5.1), and needs no CHARSET.
func TestIMAP4rev2(t *testing.T) {
	d := dialogue("S: * PREAUTH [CAPABILITY IMAP4rev2] hi\nC: p1 SELECT \"grün & blau\"\nC: p2 UID SEARCH RETURN (ALL) SUBJECT \"grün\"\nS: * LIST () \"/\" \"grün & blau\"\nS: p1 OK\nS: * ESEARCH (TAG \"p2\") UID ALL 3\nS: p2 OK\n")
	play(t, d, func(c *Client) {
		c.Select("grün & blau", SelectOptions{})
		if found := must(t, c.Search(Criteria(&goimap.SearchCriteria{Header: []goimap.SearchCriteriaHeaderField{{Key: "Subject", Value: "grün"}}}), SearchOptions{})); found.All.String() != "3" {
			t.Errorf("%v", found)
		}
	})
}

// TestSearchAnyOrder: the UIDs that were found are in ascending order, each number once, however the server tells it.
func TestSearchAnyOrder(t *testing.T) {
	for caps, text := range map[string]string{
		"":        "C: p2 UID SEARCH UNSEEN\nS: * SEARCH 7 3 1 2\nS: * SEARCH 2 3\nS: p2 OK\n",
		"ESEARCH": "C: p2 UID SEARCH RETURN (ALL) UNSEEN\nS: * ESEARCH (TAG \"p2\") UID ALL 7,3,1:2,3:2\nS: p2 OK\n",
	} {
		play(t, with(caps, text), func(c *Client) {
			if found := must(t, c.Search(Raw("UNSEEN"), SearchOptions{})); found.UIDs().String() != "1:3,7" {
				t.Errorf("%q: %v", caps, found.UIDs())
			}
		})
	}
}

// TestSearchRes: with SEARCHRES the search and the FETCH of what it found are one turn (RFC 5182 §2.1).
func TestSearchRes(t *testing.T) {
	d := with("ESEARCH SEARCHRES", `C: p2 SELECT "INBOX"
C: p3 UID SEARCH RETURN (ALL SAVE) UNSEEN
C: p4 UID FETCH $ (UID FLAGS BODY.PEEK[])
S: * 3 EXISTS
S: p2 OK
S: * ESEARCH (TAG "p3") UID ALL 7
S: p3 OK
S: * 2 FETCH (UID 7 FLAGS () BODY[] {1}
S: a)
S: p4 OK
`)
	if n := d.turns(); n != 3 {
		t.Errorf("%d turns", n)
	}
	opt := SearchOptions{SearchOptions: goimap.SearchOptions{ReturnAll: true, ReturnSave: true}}
	play(t, d, func(c *Client) {
		c.Select("INBOX", SelectOptions{})
		search := c.Search(Raw("UNSEEN"), opt)
		f := c.Fetch(goimap.SearchRes(), body)
		if found := must(t, search); found.All.String() != "7" {
			t.Errorf("%v", found)
		}
		if list, err := all(f); err != nil || len(list) != 1 || list[0] != "7[]a" {
			t.Errorf("%q %v", list, err)
		}
	})
	// Any other FETCH may overtake the search, and so has to wait.
	play(t, with("ESEARCH SEARCHRES", "C: p2 UID SEARCH RETURN (ALL SAVE) UNSEEN\nS: * ESEARCH (TAG \"p2\") UID ALL 7\nS: p2 OK\nC: p3 UID FETCH 7 (UID FLAGS BODY.PEEK[])\nS: p3 OK\n"), func(c *Client) {
		search := c.Search(Raw("UNSEEN"), opt)
		f := c.Fetch(goimap.UIDSetNum(7), body)
		must(t, search)
		if _, err := all(f); err != nil {
			t.Error(err)
		}
	})
	play(t, with("ESEARCH", ""), func(c *Client) {
		if _, err := c.Search(Raw("ALL"), opt).Wait(); !errors.Is(err, ErrUnsupported) {
			t.Error(err)
		}
		if _, err := c.Fetch(goimap.SearchRes(), body).Next(); !errors.Is(err, ErrUnsupported) {
			t.Error(err)
		}
	})
}
