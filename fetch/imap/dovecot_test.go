package imap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

func absent(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("POSTA_REAL_SERVERS") == "require" {
		t.Fatal(why)
	}
	t.Skip(why)
}

const dovecotConf = `base_dir = DIR/run
state_dir = DIR/run
log_path = DIR/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
USERS
first_valid_uid = 1
mail_location = maildir:DIR/mail/%u
mail_plugins = quota acl
mail_max_userip_connections = 50
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/home/%u
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Trash {
    auto = create
    special_use = \Trash
  }
}
protocol imap {
  mail_plugins = quota acl imap_quota imap_acl imap_zlib
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=10M
  acl = vfile
}
service imap-login {
  chroot =
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
`

// startDovecot starts one of its own, on loopback, and tells its address and its log.
func startDovecot(t *testing.T) (addr string, log func() string) {
	t.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/dovecot"); err != nil {
			absent(t, "dovecot is not installed")
		}
	}
	dir, owner, users := t.TempDir(), &user.User{}, ""
	if owner, err = user.Current(); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if owner, err = user.Lookup("nobody"); err != nil {
			absent(t, "no user nobody")
		}
	} else {
		users = "default_login_user = " + owner.Username + "\ndefault_internal_user = " + owner.Username
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	for d := dir; d != filepath.Clean(os.TempDir()) && d != "/"; d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	conf := strings.NewReplacer("DIR", dir, "PORT", port, "UID", owner.Uid, "GID", owner.Gid, "USERS", users).Replace(dovecotConf)
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"mail", "home"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
			t.Fatal(err)
		}
		os.Chmod(filepath.Join(dir, sub), 0o777)
	}
	log = func() string {
		text, _ := os.ReadFile(filepath.Join(dir, "log"))
		return string(text)
	}
	cmd := exec.Command(program, "-F", "-c", filepath.Join(dir, "conf"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	for range 200 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return addr, log
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no Dovecot: %s", log())
	return "", nil
}

func dialReal(t *testing.T, addr, mechanism string) *Client {
	t.Helper()
	c, err := Dial(context.Background(), Config{
		Dialer:    dialer.Config{Address: addr, Timeout: hanging},
		Auth:      &sasl.Credentials{Username: "ops", Password: "secret"},
		Mechanism: mechanism,
	})
	if err != nil {
		t.Fatalf("%s: %v", mechanism, err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func letter(i int) Letter {
	text := fmt.Sprintf("From: a%d@example.org\r\nSubject: letter %d\r\n\r\n%s\r\n", i, i, strings.Repeat("x", i*100))
	return Letter{Size: int64(len(text)), Body: strings.NewReader(text), Flags: []goimap.Flag{goimap.FlagSeen}, Time: time.Unix(1e9, 0)}
}

// must returns what there is without an error.
func must[T any](t *testing.T, p *Pending[T]) T {
	t.Helper()
	data, err := p.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestDovecot goes through what clients do.
func TestDovecot(t *testing.T) {
	addr, log := startDovecot(t)
	for _, mechanism := range []string{"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"} {
		if got := dialReal(t, addr, mechanism).Mechanism(); got != mechanism {
			t.Errorf("%s instead of %s", got, mechanism)
		}
	}
	c := dialReal(t, addr, "")
	if c.Mechanism() != "SCRAM-SHA-256" {
		t.Errorf("the strongest is %s", c.Mechanism())
	}
	for _, compressed := range []bool{false, true} {
		box := fmt.Sprintf("grün & blau %v", compressed)
		if compressed {
			if err := c.Compress(); err != nil {
				t.Fatal(err)
			}
		}
		must(t, c.Create(box, ""))
		must(t, c.Subscribe(box))
		appendReal(t, c, box)
		fetchReal(t, c, box)
		changeReal(t, c, box)
		foldersReal(t, c, box)
	}
	if err := c.Logout(); err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(log()) {
		for _, complaint := range []string{"Error", "Fatal", "Panic"} {
			if strings.Contains(line, complaint) && !strings.Contains(line, "auth failed") {
				t.Errorf("Dovecot complains: %s", line)
			}
		}
	}
}

// appendReal appends one by one, without waiting, and several at once.
func appendReal(t *testing.T, c *Client, box string) {
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
	if _, err := c.Append("not there", letter(1)).Wait(); !errors.As(err, &e) || e.Code != "TRYCREATE" || e.Mailbox != "not there" {
		t.Error(err)
	}
}

func fetchReal(t *testing.T, c *Client, box string) {
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
		letter(n).Body.(*strings.Reader).WriteTo(&want)
		if got.String() != want.String() || m.Size != int64(want.Len()) || m.UID != goimap.UID(n+1) || m.InternalDate.Unix() != 1e9 || m.ModSeq == 0 {
			t.Errorf("letter %d: %+v %q", n, m, got.String())
		}
		if m.Envelope.Subject != fmt.Sprintf("letter %d", n) || m.BodyStructure.MediaType() != "text/plain" || !slices.Contains(m.Flags, goimap.FlagSeen) {
			t.Errorf("letter %d: %+v %+v", n, m.Envelope, m.Flags)
		}
		n++
	}
	if n != 53 {
		t.Errorf("%d messages", n)
	}
}

func changeReal(t *testing.T, c *Client, box string) {
	if s := must(t, c.Store(goimap.UIDSet{{Start: 1, Stop: 3}}, goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Flags: []goimap.Flag{goimap.FlagFlagged, "$x"}}, StoreOptions{})); len(s.Changed) != 3 {
		t.Errorf("%+v", s)
	}
	if s := must(t, c.Store(goimap.UIDSetNum(1), goimap.StoreFlags{Op: goimap.StoreFlagsSet}, StoreOptions{UnchangedSince: 1})); s.Modified.String() != "1" {
		t.Errorf("%+v", s)
	}
	if d := must(t, c.Copy(goimap.UIDSet{{Start: 1, Stop: 3}}, "Trash")); d.SourceUIDs.String() != "1:3" || d.UIDValidity == 0 {
		t.Errorf("%+v", d)
	}
	if d, err := c.Move(goimap.UIDSetNum(4, 6), "Trash"); err != nil || d.SourceUIDs.String() != "4,6" {
		t.Errorf("%+v %v", d, err)
	}
	delete(c.caps, goimap.CapMove)
	if d, err := c.Move(goimap.UIDSetNum(8), "Trash"); err != nil || d.SourceUIDs.String() != "8" {
		t.Errorf("%+v %v", d, err)
	}
	var e *Error
	if _, err := c.Copy(goimap.UIDSetNum(9), "not there").Wait(); !errors.As(err, &e) || e.Code != "TRYCREATE" {
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

func foldersReal(t *testing.T, c *Client, box string) {
	list := must(t, c.List("", "*", &goimap.ListOptions{ReturnSubscribed: true, ReturnSpecialUse: true, ReturnStatus: &goimap.StatusOptions{NumMessages: true}}))
	found := map[string]*goimap.ListData{}
	for _, data := range list {
		found[data.Mailbox] = data
	}
	if b := found[box]; b == nil || *b.Status.NumMessages != 50 || b.Delim != '/' || !slices.Contains(b.Attrs, goimap.MailboxAttrSubscribed) {
		t.Errorf("%+v", found[box])
	}
	if trash := found["Trash"]; trash == nil || !slices.Contains(trash.Attrs, goimap.MailboxAttrTrash) {
		t.Errorf("%+v", trash)
	}
	if ns := must(t, c.Namespace()); len(ns.Personal) != 1 || ns.Personal[0].Delim != '/' {
		t.Errorf("%+v", ns)
	}
	if id := must(t, c.ID(map[string]string{"name": "posta"})); id["name"] != "Dovecot" {
		t.Errorf("%v", id)
	}
	if q := must(t, c.Quota("INBOX")); len(q) != 1 || q[0].Resources["STORAGE"].Limit != 10240 {
		t.Errorf("%+v", q)
	}
	if r := must(t, c.MyRights(box)); !strings.HasPrefix(r.String(), "lrw") {
		t.Errorf("%s", r)
	}
	must(t, c.ACL(box))
	must(t, c.Rename(box, box+" 2"))
	must(t, c.Delete(box+" 2"))
}
