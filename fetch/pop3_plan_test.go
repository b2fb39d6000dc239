package fetch

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"posta/fetch/pop3"
)

func TestPlan(t *testing.T) {
	now := time.Unix(1e9, 0)
	s, err := OpenState(filepath.Join(t.TempDir(), "state"), "x", func() time.Time { return now.Add(-time.Hour) })
	must(t, err)
	defer s.Close()
	must(t, s.Stored(receipts("old", "twice", "reused")))
	letters := []pop3.Letter{
		{Number: 1, UID: "old", Size: 3},
		{Number: 2, UID: "new"},
		{Number: 3, UID: "twice", Size: 5},
		{Number: 4, UID: "twice", Size: 5},
		{Number: 5},
		{Number: 6, UID: "big", Size: 1000},
		{Number: 7, UID: "reused", Size: 77}, // by a letter that is not the one that was stored
	}
	box, err := pop3.NewMailbox(letters)
	must(t, err)
	cases := []struct {
		name   string
		policy Policy
		state  *State
		want   string
	}{
		{"all", Policy{}, nil, "get 1234567 delete  long "},
		{"new", Policy{New: true}, s, "get 256 delete  long "},
		{"new, not large", Policy{New: true, MaxSize: 999}, s, "get 25 delete  long 6"},
		{"delete", Policy{Delete: true}, s, "get 234567 delete 1 long "},
		{"delete without state", Policy{Delete: true}, nil, "get 1234567 delete  long "},
		{"not yet", Policy{New: true, DeleteAfter: 2 * time.Hour}, s, "get 256 delete  long "},
		{"late", Policy{New: true, DeleteAfter: time.Hour}, s, "get 2567 delete 1 long "},
	}
	for _, tc := range cases {
		p := PlanPOP3(box.Subset(true), tc.state, tc.policy, now)
		if got := fmt.Sprintf("get %s delete %s long %s", numbers(p.Get), numbers(p.Delete), numbers(p.TooLong)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func numbers(letters *pop3.Subset) (s string) {
	for l := range letters.Letters() {
		s += fmt.Sprint(l.Number)
	}
	return s
}
