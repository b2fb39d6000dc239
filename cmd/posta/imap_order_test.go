package main

import (
	"slices"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// TestUIDOrder: what is found, in the order in which it is wanted, whole and in pieces.
func TestUIDOrder(t *testing.T) {
	for _, c := range []struct {
		found string // as the server tells it
		order imapOrder
		want  []goimap.UID
	}{
		{"1:3,7", imapOrder{}, []goimap.UID{1, 2, 3, 7}},
		{"7,3,1:2,2:3", imapOrder{}, []goimap.UID{1, 2, 3, 7}},
		{"1:3,7", imapOrder{reverse: true}, []goimap.UID{7, 3, 2, 1}},
		{"1:3,7", imapOrder{limit: 1}, []goimap.UID{7}},
		{"1:3,7", imapOrder{limit: 2}, []goimap.UID{3, 7}},
		{"1:3,7", imapOrder{limit: 3, reverse: true}, []goimap.UID{7, 3, 2}},
		{"1:3,7", imapOrder{limit: 9}, []goimap.UID{1, 2, 3, 7}},
		{"4294967294:4294967295", imapOrder{}, []goimap.UID{4294967294, 4294967295}},
		{"4294967294:4294967295", imapOrder{reverse: true, limit: 5}, []goimap.UID{4294967295, 4294967294}},
		{"", imapOrder{reverse: true}, nil},
	} {
		order := c.order.of(ascending(uidSet(t, c.found)))
		if got := slices.Collect(order.all()); !slices.Equal(got, c.want) {
			t.Errorf("%s in the order %+v: %v, want %v", c.found, c.order, got, c.want)
		}
		if got := slices.Concat(slices.Collect(order.windows(2))...); !slices.Equal(got, c.want) {
			t.Errorf("%s in the order %+v: windows of %v, want %v", c.found, c.order, got, c.want)
		}
	}
	list := []goimap.UID{5, 1, 9}
	if got := slices.Collect(imapOrder{limit: 2, reverse: true}.ofList(list).all()); !slices.Equal(got, []goimap.UID{9, 1}) {
		t.Errorf("sorted, from the end, the first two: %v", got)
	}
}

// uidSet reads a set as it stands, ranges in any order.
func uidSet(t *testing.T, text string) (set goimap.UIDSet) {
	t.Helper()
	for word := range strings.SplitSeq(text, ",") {
		if one, ok := parseUIDs([]string{word}); ok {
			set = append(set, one...)
		} else if text != "" {
			t.Fatalf("%q is no set", text)
		}
	}
	return set
}
