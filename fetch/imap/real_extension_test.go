package imap

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// sorts is RFC 5256 §3.
func (h *host) sorts(t *testing.T) {
	c := h.dial(t, "sort", "")
	box := h.box(t, c, "sort")
	for _, subject := range []string{"b", "Re: a", "c", "a"} {
		must(t, c.Append(box, written("Subject: "+subject+"\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\nx\r\n")))
	}
	if got := must(t, c.Sort(Raw("ALL"), "SUBJECT")); !slices.Equal(got, []goimap.UID{2, 4, 1, 3}) {
		t.Errorf("%v", got)
	}
	if got := must(t, c.Sort(Raw("SUBJECT", "a"), "REVERSE", "ARRIVAL")); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if got := must(t, c.Sort(Criteria(&goimap.SearchCriteria{Body: []string{"grün"}}), "DATE")); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// threads is RFC 5256 §3 on a thread with a branch, and one whose first message is gone.
func (h *host) threads(t *testing.T) {
	c := h.dial(t, "thread", "")
	box := h.box(t, c, "thread")
	for _, m := range []struct{ id, answers string }{{"a", ""}, {"b", "<a@x>"}, {"c", "<a@x> <b@x>"}, {"d", "<a@x>"}, {"e", "<gone@x>"}, {"f", "<gone@x>"}} {
		must(t, c.Append(box, written("Subject: s"+m.id[:1]+"\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\nMessage-ID: <"+m.id+"@x>\r\nReferences: "+m.answers+"\r\n\r\nx\r\n")))
	}
	if got := outline(must(t, c.Thread(goimap.ThreadReferences, Raw("ALL")))); got != "1 >2 >>3 >4 0 >5 >6" {
		t.Errorf("%s", got)
	}
	if got := outline(must(t, c.Thread(goimap.ThreadOrderedSubject, Raw("UID", "1:3")))); c.caps.Has("THREAD=ORDEREDSUBJECT") && got != "1 2 3" {
		t.Errorf("%s", got)
	}
}

// parts is a search's part, and SEARCHRES: the server's where it has them.
func (h *host) parts(t *testing.T) {
	c := h.dial(t, "parts", "")
	box := h.box(t, c, "parts")
	for i := range 10 {
		must(t, c.Append(box, letter(i)))
	}
	for part, want := range map[Partial]string{{1, 3}: "2:4", {-1, -2}: "9:10", {20, 30}: ""} {
		if got := must(t, c.Search(Raw("UID", "2:*"), SearchOptions{Partial: &part})).All.String(); got != want {
			t.Errorf("%s of 2:* is %s, want %s", &part, got, want)
		}
	}
	found := must(t, c.Search(Raw("LARGER", "400"), SearchOptions{SearchOptions: goimap.SearchOptions{ReturnMin: true, ReturnMax: true, ReturnCount: true}}))
	if found.Max != 10 || found.Count == 0 || found.Min != 11-found.Count {
		t.Errorf("%+v", found)
	}
	if !c.caps.Has(goimap.CapSearchRes) {
		return
	}
	search := c.Search(Raw("UID", "3:5"), SearchOptions{SearchOptions: goimap.SearchOptions{ReturnAll: true, ReturnSave: true}})
	f := c.Fetch(goimap.SearchRes(), body)
	if got := must(t, search).All.String(); got != "3:5" {
		t.Errorf("found %s", got)
	}
	if list, err := all(f); err != nil || len(list) != 3 || !strings.HasPrefix(list[2], "5[") {
		t.Errorf("%q %v", list, err)
	}
}

// binaries is RFC 3516: a part decoded by the server, its size, and one with NUL that goes both ways.
func (h *host) binaries(t *testing.T) {
	c := h.dial(t, "binary", "")
	box := h.box(t, c, "binary")
	must(t, c.Append(box, written("MIME-Version: 1.0\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n")))
	raw := written("MIME-Version: 1.0\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n\r\na\x00b")
	raw.Binary = true
	must(t, c.Append(box, raw))
	c.Select(box, SelectOptions{})
	f := c.Fetch(goimap.UIDSet{{Start: 1, Stop: 2}}, FetchOptions{FetchOptions: goimap.FetchOptions{
		BinarySectionSize: []*goimap.FetchItemBinarySectionSize{{Part: []int{1}}},
		BinarySection:     []*goimap.FetchItemBinarySection{{Part: []int{1}, Peek: true}},
	}})
	want := []string{"\x00\x01\x02\x03", "a\x00b"}
	for m, err := range f.Messages() {
		if err != nil {
			t.Fatal(err)
		}
		l, err := m.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(l)
		if err := errors.Join(err, m.finish()); err != nil || string(got) != want[0] || m.BinarySize["1"] != int64(len(got)) {
			t.Errorf("%q %v %v, want %q", got, m.BinarySize, err, want[0])
		}
		want = want[1:]
	}
	if len(want) > 0 {
		t.Errorf("%q is missing", want)
	}
}

// resyncs is RFC 7162 §3.2: what changed while a client was away comes with SELECT.
func (h *host) resyncs(t *testing.T) {
	c := h.dial(t, "resync", "")
	if on, err := c.Enable(goimap.CapQResync); err != nil || !slices.Contains(on, "QRESYNC") {
		t.Fatalf("%v %v", on, err)
	}
	box := h.box(t, c, "resync")
	for i := range 10 {
		must(t, c.Append(box, letter(i)))
	}
	before := must(t, c.Select(box, SelectOptions{}))
	other := h.dial(t, "resync", "")
	must(t, other.Select(box, SelectOptions{}))
	must(t, other.Store(goimap.UIDSetNum(2), goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Flags: []goimap.Flag{goimap.FlagSeen}}, StoreOptions{}))
	must(t, other.Store(goimap.UIDSetNum(4, 5), goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}, StoreOptions{}))
	must(t, other.UIDExpunge(goimap.UIDSetNum(4, 5)))
	must(t, c.Unselect())
	s := must(t, c.Select(box, SelectOptions{QResync: &QResync{UIDValidity: before.UIDValidity, ModSeq: before.HighestModSeq, Known: goimap.UIDSet{{Start: 1, Stop: 10}}}}))
	if s.Vanished.String() != "4:5" || len(s.Changed) != 1 || s.Changed[0].UID != 2 || !slices.Contains(s.Changed[0].Flags, goimap.FlagSeen) || s.NumMessages != 8 {
		t.Errorf("%+v", s)
	}
	f := c.Fetch(goimap.UIDSet{{Start: 1}}, FetchOptions{FetchOptions: goimap.FetchOptions{ChangedSince: before.HighestModSeq}, Vanished: true})
	list, err := all(f)
	if err != nil || len(list) != 1 || !strings.HasPrefix(list[0], "2[") || f.Vanished().String() != "4:5" {
		t.Errorf("%q %v %v", list, f.Vanished(), err)
	}
	// From now on VANISHED takes the place of EXPUNGE.
	must(t, other.Store(goimap.UIDSetNum(7), goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}, StoreOptions{}))
	must(t, other.Expunge())
	must(t, c.Noop())
	gone := ""
	for _, u := range c.Updates() {
		gone += u.UIDs.String()
	}
	if _, n := c.Selected(); gone != "7" || n != 7 {
		t.Errorf("gone %s, %d left", gone, n)
	}
}

// idles: what another does is told at once.
func (h *host) idles(t *testing.T) {
	c, other := h.dial(t, "idle", ""), h.dial(t, "idle", "")
	box := h.box(t, c, "idle")
	h.twice(t, c, 1500*time.Millisecond, func(step int) error {
		if step == 0 {
			_, err := other.Append(box, letter(1)).Wait()
			return err
		}
		other.Select(box, SelectOptions{})
		other.Store(goimap.UIDSetNum(1), goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}, StoreOptions{})
		_, err := other.Expunge().Wait()
		return err
	}, func(u Update, step int) bool {
		return step == 0 && u.Kind == UpdateExists && u.Num == 1 || step == 1 && u.Kind == UpdateExpunge && u.Num == 1
	})
	must(t, c.Noop())
	if _, n := c.Selected(); n != 0 {
		t.Errorf("%d messages", n)
	}
}

// notifies: what happens in a mailbox that is not selected is told, too.
func (h *host) notifies(t *testing.T) {
	c, other := h.dial(t, "notify", ""), h.dial(t, "notify", "")
	if !c.caps.Has(goimap.CapNotify) {
		return
	}
	box := h.box(t, c, "ä")
	must(t, c.Select("INBOX", SelectOptions{}))
	must(t, c.Notify(NotifyOptions{Mailboxes: []string{box}})) // Dovecot gathers for half a second what it tells, within one IDLE
	h.twice(t, c, hanging, func(step int) error {
		_, err := other.Append([]string{box, "INBOX"}[step], letter(1)).Wait()
		return err
	}, func(u Update, step int) bool {
		return step == 0 && u.Kind == UpdateStatus && u.Status.Mailbox == box && *u.Status.NumMessages == 1 || step == 1 && u.Kind == UpdateExists && u.Num == 1
	})
	must(t, c.NotifyNone())
}

// twice idles, while somebody does something; when its news is heard the next is done, whose news is waited for, too.
func (h *host) twice(t *testing.T, c *Client, renewal time.Duration, do func(step int) error, is func(u Update, step int) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hanging)
	defer cancel()
	done := make(chan error, 2)
	go func() { done <- do(0) }()
	step := 0
	for u, err := range c.Idle(ctx, IdleOptions{Renewal: renewal}) {
		if err != nil {
			t.Fatal(err)
		}
		if !is(u, step) {
			continue
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if step++; step == 2 {
			return
		}
		go func() { done <- do(1) }()
	}
	t.Errorf("nothing is heard of step %d", step)
}

// rights is RFC 4314.
func (h *host) rights(t *testing.T) {
	c := h.dial(t, "rights", "")
	box := h.box(t, c, "rights")
	must(t, c.SetACL(box, "bob", goimap.RightModificationReplace, goimap.RightSet("lr")))
	must(t, c.SetACL(box, "bob", goimap.RightModificationAdd, goimap.RightSet("s")))
	must(t, c.SetACL(box, "bob", goimap.RightModificationRemove, goimap.RightSet("r")))
	if got := must(t, c.ACL(box))["bob"]; !sameRights(got, goimap.RightSet("ls")) {
		t.Errorf("%s", got)
	}
	must(t, c.DeleteACL(box, "bob"))
	if got, ok := must(t, c.ACL(box))["bob"]; ok {
		t.Errorf("%s", got)
	}
	var e *Error
	if _, err := c.SetACL(h.prefix+"not there", "bob", goimap.RightModificationReplace, goimap.RightSet("l")).Wait(); !errors.As(err, &e) || e.Temporary() {
		t.Error(err)
	}
}

func sameRights(a, b goimap.RightSet) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// quotas: what is too much is refused, for now.
func (h *host) quotas(t *testing.T) {
	c := h.dial(t, "quota", "")
	if q := must(t, c.Quota("INBOX")); len(q) != 1 || q[0].Resources["STORAGE"].Limit != 10240 {
		t.Fatalf("%+v", q)
	}
	big := written("Subject: big\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 12<<20/72))
	var e *Error
	if _, err := c.Append("INBOX", big).Wait(); !errors.As(err, &e) || !e.Temporary() { // Cyrus 3.6 says it without a code
		t.Errorf("12 MiB into 10: %v", err)
	}
}
