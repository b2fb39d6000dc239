package main

import (
	"strings"
	"testing"
	"time"

	"posta/fetch/pop3"
)

// TestPopSelection: what is a letter's name, what a query, and what neither.
func TestPopSelection(t *testing.T) {
	for _, tc := range []struct{ args, want string }{
		{"", "letters"},
		{"3", "letters"},
		{"3-7|9-", "letters"},
		{"0001a|uid:all|7", "letters"},
		{"uid:from", "letters"},
		{"frm", "letters"},
		{"a(b", "letters"},
		{"from alice", "query"},
		{"from|alice", "query"},
		{"FROM|alice|since|7d", "query"},
		{"all", "query"},
		{"(all)", "query"},
		{"not|from|3", "query"},
		{"(|from|a|or|from|b|)", "query"},
		{"header|x|", "query"},
		{"subject|3-7", "query"},
		{"-|from|x", "query"},
		{"from", "error"},
		{"3|from|x", "error"},
		{"from|x|3", "error"},
		{"frm x", "error"},
		{"new", "error"},
		{"uid|3", "error"},
		{"gmail|x", "error"},
		{"|", "error"},
		{" ", "error"},
		{"and", "error"},
		{"3|", "error"},
		{"or", "error"},
		{"()", "error"},
		{"0001a|or|0001b", "error"},
		{"uid:7|seen", "error"},
	} {
		var args []string
		if tc.args != "" {
			args = strings.Split(tc.args, "|")
		}
		sel, err := readPopSelection("pop list", args, time.Now())
		got := "letters"
		switch {
		case err != nil:
			got = "error"
			if statusOf(err) != exitUsage {
				t.Errorf("%q: status %d", tc.args, statusOf(err))
			}
		case sel.query != nil:
			got = "query"
		}
		if got != tc.want {
			t.Errorf("%q: %s, want %s (%v)", tc.args, got, tc.want, err)
		}
	}
}

// TestPopSelectionAmbiguous: a word of a query that is a letter's unique-id is not guessed at.
func TestPopSelectionAmbiguous(t *testing.T) {
	box, err := pop3.NewMailbox([]pop3.Letter{{Number: 1, UID: "all"}, {Number: 2, UID: "alice"}, {Number: 3, UID: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	for args, ambiguous := range map[string]bool{
		"all": true, "(all)": false, "not all": false, "not|all": true, "from|alice": true, "from alice": false, "uid:all": false, "from|bob": false, "x": false,
	} {
		sel, err := readPopSelection("pop delete", strings.Split(args, "|"), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := sel.unambiguous(box); (err != nil) != ambiguous || err != nil && statusOf(err) != exitUsage {
			t.Errorf("%q: %v", args, err)
		}
	}
}
