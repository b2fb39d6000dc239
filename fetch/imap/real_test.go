package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// logins logs in by each mechanism, and by the one that is the strongest.
func (h *host) logins(t *testing.T, mechanisms ...string) {
	for _, mechanism := range append(mechanisms, "") {
		c := h.dial(t, "ops", mechanism)
		if got := c.Mechanism(); got != mechanism && (mechanism != "" || !slices.Contains(mechanisms, got)) {
			t.Errorf("%s instead of %s", got, mechanism)
		}
	}
}

// refuses: a password that is wrong is the user's fault. Servers are slow after that, so it comes last.
func (h *host) refuses(t *testing.T) {
	cfg := h.config("ops", "")
	cfg.Auth.Password = "wrong"
	_, err := Dial(context.Background(), cfg)
	var e *Error
	if !errors.As(err, &e) || !e.Login() || e.Temporary() {
		t.Errorf("a wrong password: %v", err)
	}
}

// suite is what clients do, each part as a user of its own.
func (h *host) suite(t *testing.T) {
	t.Run("session", func(t *testing.T) { h.session(t, h.dial(t, "session", "")) })
	t.Run("compressed session", func(t *testing.T) {
		c := h.dial(t, "compressed", "")
		if err := c.Compress(); err != nil {
			t.Fatal(err)
		}
		h.session(t, c)
	})
	for name, part := range map[string]func(*testing.T){
		"SORT": h.sorts, "THREAD": h.threads, "parts": h.parts, "BINARY": h.binaries, "QRESYNC": h.resyncs, "IDLE": h.idles,
		"NOTIFY": h.notifies, "ACL": h.rights, "QUOTA": h.quotas,
	} {
		t.Run(name, part)
	}
	t.Run("refused", h.refuses)
}

// session is one as of old: letters come, are read, moved and deleted.
func (h *host) session(t *testing.T, c *Client) {
	box := h.prefix + "grün & blau"
	must(t, c.Create(box, ""))
	must(t, c.Subscribe(box))
	h.appends(t, c, box)
	h.fetches(t, c, box)
	h.changes(t, c, box)
	h.folders(t, c, box)
	if err := c.Logout(); err != nil {
		t.Error(err)
	}
}

// appends appends one by one, without waiting, and several at once.
func (h *host) appends(t *testing.T, c *Client, box string) {
	var pending []*Pending[Appended]
	for i := range 50 {
		pending = append(pending, c.Append(box, letter(i)))
	}
	for i, p := range pending {
		if a := must(t, p); a.UIDs.String() != fmt.Sprint(i+1) {
			t.Errorf("letter %d is %v", i, a)
		}
	}
	if a := must(t, c.Append(box, letter(50), letter(51), letter(52))); a.UIDs.String() != "51:53" {
		t.Errorf("%v", a)
	}
	var e *Error
	if _, err := c.Append(h.prefix+"not there", letter(1)).Wait(); !errors.As(err, &e) || e.Code != "TRYCREATE" || e.Mailbox != h.prefix+"not there" {
		t.Error(err)
	}
}

func (h *host) fetches(t *testing.T, c *Client, box string) {
	sel := c.Select(box, SelectOptions{CondStore: true})
	search := c.Search(Criteria(&goimap.SearchCriteria{Larger: 4500, Header: []goimap.SearchCriteriaHeaderField{{Key: "Subject", Value: "letter"}}}), SearchOptions{})
	umlaut := c.Search(Criteria(&goimap.SearchCriteria{Or: [][2]goimap.SearchCriteria{{{Body: []string{"grün"}}, {Flag: []goimap.Flag{"$Junk"}}}}}), SearchOptions{})
	items := FetchOptions{FetchOptions: goimap.FetchOptions{
		Flags: true, Envelope: true, InternalDate: true, RFC822Size: true, ModSeq: true, BodyStructure: &goimap.FetchItemBodyStructure{Extended: true},
		BodySection: []*goimap.FetchItemBodySection{{Peek: true}},
	}}
	f := c.Fetch(goimap.UIDSet{{Start: 1, Stop: 53}}, items)
	s := must(t, sel)
	if s.NumMessages != 53 || s.UIDValidity == 0 || s.UIDNext != 54 || s.HighestModSeq == 0 || !slices.Contains(s.PermanentFlags, goimap.FlagWildcard) {
		t.Errorf("%+v", s)
	}
	found := must(t, search)
	if got := found.All.String(); got != "46:53" && got != "45:53" {
		t.Errorf("found %s", got)
	}
	if none := must(t, umlaut); none.All.String() != "" {
		t.Errorf("found %v", none)
	}
	n := 0
	for m, err := range f.Messages() {
		if err != nil {
			t.Fatal(err)
		}
		l, err := m.Next()
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		if _, err := l.WriteTo(&got); err != nil {
			t.Fatal(err)
		}
		if err := m.finish(); err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		want.WriteString(text(n))
		if got.String() != want.String() || m.Size != int64(want.Len()) || m.UID != goimap.UID(n+1) || m.InternalDate.Unix() != 1e9 || m.ModSeq == 0 {
			t.Errorf("letter %d: %+v %q", n, m, got.String())
		}
		if m.Envelope.Subject != fmt.Sprintf("letter %d", n) || m.BodyStructure.MediaType() != "text/plain" || slices.Contains(m.Flags, goimap.FlagSeen) {
			t.Errorf("letter %d: %+v %+v", n, m.Envelope, m.Flags)
		}
		n++
	}
	if n != 53 {
		t.Errorf("%d messages", n)
	}
}

func (h *host) changes(t *testing.T, c *Client, box string) {
	if s := must(t, c.Store(goimap.UIDSet{{Start: 1, Stop: 3}}, goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Flags: []goimap.Flag{goimap.FlagFlagged, "$x"}}, StoreOptions{})); len(s.Changed) != 3 {
		t.Errorf("%+v", s)
	}
	if s := must(t, c.Store(goimap.UIDSetNum(1), goimap.StoreFlags{Op: goimap.StoreFlagsSet}, StoreOptions{UnchangedSince: 1})); s.Modified.String() != "1" {
		t.Errorf("%+v", s)
	}
	if d := must(t, c.Copy(goimap.UIDSet{{Start: 1, Stop: 3}}, h.prefix+"Trash")); d.SourceUIDs.String() != "1:3" || d.UIDValidity == 0 {
		t.Errorf("%+v", d)
	}
	if d, err := c.Move(goimap.UIDSetNum(4, 6), h.prefix+"Trash"); err != nil || d.SourceUIDs.String() != "4,6" {
		t.Errorf("%+v %v", d, err)
	}
	delete(c.caps, goimap.CapMove)
	if d, err := c.Move(goimap.UIDSetNum(8), h.prefix+"Trash"); err != nil || d.SourceUIDs.String() != "8" {
		t.Errorf("%+v %v", d, err)
	}
	var e *Error
	if _, err := c.Copy(goimap.UIDSetNum(9), h.prefix+"not there").Wait(); !errors.As(err, &e) || e.Code != "TRYCREATE" {
		t.Error(err)
	}
	if _, n := c.Selected(); n != 50 {
		t.Errorf("%d messages are left", n)
	}
	must(t, c.Noop())
	must(t, c.Unselect())
	if st := must(t, c.Status(box, goimap.StatusOptions{NumMessages: true, UIDNext: true, Size: true, HighestModSeq: true})); *st.NumMessages != 50 || st.UIDNext != 54 {
		t.Errorf("%+v", st)
	}
}

func (h *host) folders(t *testing.T, c *Client, box string) {
	list := must(t, c.List("", "*", &goimap.ListOptions{ReturnSubscribed: true, ReturnSpecialUse: true, ReturnStatus: &goimap.StatusOptions{NumMessages: true}}))
	found := map[string]*goimap.ListData{}
	for _, data := range list {
		found[data.Mailbox] = data
	}
	if b := found[box]; b == nil || *b.Status.NumMessages != 50 || b.Delim != h.delim || !slices.Contains(b.Attrs, goimap.MailboxAttrSubscribed) {
		t.Errorf("%+v", found[box])
	}
	if trash := found[h.prefix+"Trash"]; trash == nil || !slices.Contains(trash.Attrs, goimap.MailboxAttrTrash) {
		t.Errorf("%+v", trash)
	}
	if ns := must(t, c.Namespace()); len(ns.Personal) != 1 || ns.Personal[0].Delim != h.delim || ns.Personal[0].Prefix != h.prefix {
		t.Errorf("%+v", ns)
	}
	if id := must(t, c.ID(map[string]string{"name": "posta"})); !strings.HasPrefix(id["name"], h.Name) {
		t.Errorf("%v", id)
	}
	if q := must(t, c.Quota("INBOX")); len(q) != 1 || q[0].Resources["STORAGE"].Limit != 10240 {
		t.Errorf("%+v", q)
	}
	if r := must(t, c.MyRights(box)); !strings.Contains(r.String(), "lr") || !strings.Contains(r.String(), "w") {
		t.Errorf("%s", r)
	}
	must(t, c.ACL(box))
	must(t, c.Rename(box, box+" 2"))
	must(t, c.Delete(box+" 2"))
}
