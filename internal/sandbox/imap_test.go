package sandbox

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// imapLogin is a session of a user, by go-imap's client.
func imapLogin(t *testing.T, sb *Sandbox, user string, opt *imapclient.Options) *imapclient.Client {
	t.Helper()
	if opt == nil {
		opt = &imapclient.Options{}
	}
	opt.TLSConfig = clientTLS(t, sb)
	c, err := imapclient.DialStartTLS(sb.Addr("imap"), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(user, "any").Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func mustSelect(t *testing.T, c *imapclient.Client, folder string) *imap.SelectData {
	t.Helper()
	data, err := c.Select(folder, nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// wholeLetter fetches BODY.PEEK[] of a letter.
func wholeLetter(t *testing.T, c *imapclient.Client, uid imap.UID) string {
	t.Helper()
	section := &imap.FetchItemBodySection{Peek: true}
	got, err := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil || len(got) != 1 {
		t.Fatalf("UID %d: %v, %v", uid, got, err)
	}
	return string(got[0].FindBodySection(section))
}

// TestIMAP goes through what clients do with a mailbox.
func TestIMAP(t *testing.T) {
	sb := start(t, Options{})
	for i := range 3 {
		letter := fmt.Sprintf("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= %d\r\nFrom: Ann <ann@x>\r\nDate: Fri, 2 Jan 2026 10:00:00 +0100\r\n\r\n.body %d\r\n", i, i)
		if err := sendMail(sb, "bob@x", letter); err != nil {
			t.Fatal(err)
		}
	}
	c := imapLogin(t, sb, "bob@x", nil)
	if data := mustSelect(t, c, "inbox"); data.NumMessages != 3 || data.UIDNext != 4 || data.UIDValidity == 0 {
		t.Errorf("SELECT %+v", data)
	}
	for _, tc := range []struct {
		criteria imap.SearchCriteria
		want     string
	}{
		{imap.SearchCriteria{}, "1:3"},
		{imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "GRÜSSE"}}}, ""},
		{imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "grüße 1"}}}, "2"},
		{imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "X-None"}}}, ""},
		{imap.SearchCriteria{Body: []string{"BODY 2"}}, "3"},
		{imap.SearchCriteria{Body: []string{"ann@x"}}, ""},
		{imap.SearchCriteria{Text: []string{"ann@x"}, SeqNum: []imap.SeqSet{{{Start: 2, Stop: 0}}}}, "2:3"},
		{imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 0, Stop: 0}}}}, "3"},
		{imap.SearchCriteria{SentSince: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), SentBefore: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)}, "1:3"},
		{imap.SearchCriteria{SentSince: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)}, ""},
		{imap.SearchCriteria{Larger: 1, Smaller: 10000, NotFlag: []imap.Flag{imap.FlagSeen}}, "1:3"},
		{imap.SearchCriteria{Not: []imap.SearchCriteria{{Body: []string{"body 0"}}}}, "2:3"},
		{imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{{Body: []string{"body 0"}}, {Body: []string{"body 2"}}}}}, "1,3"},
	} {
		data, err := c.UIDSearch(&tc.criteria, nil).Wait()
		if err != nil || fmt.Sprint(data.All) != tc.want {
			t.Errorf("%+v: %v, %v; want %s", tc.criteria, data, err, tc.want)
		}
	}
	if err := c.Store(imap.UIDSetNum(2), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{"\\Deleted", "Mine"}}, nil).Close(); err != nil {
		t.Error(err)
	}
	if data, err := c.Copy(imap.UIDSetNum(2), "Archive").Wait(); err != nil || data.UIDValidity == 0 {
		t.Errorf("COPY %+v, %v", data, err)
	}
	if _, err := c.Move(imap.UIDSetNum(3), "Trash").Wait(); err != nil {
		t.Error(err)
	}
	if gone, err := c.UIDExpunge(imap.UIDSetNum(1, 2)).Collect(); err != nil || fmt.Sprint(gone) != "[2]" {
		t.Errorf("EXPUNGE %v, %v", gone, err)
	}
	if _, err := c.Copy(imap.UIDSetNum(1), "Nowhere").Wait(); err == nil || !strings.Contains(err.Error(), "TRYCREATE") {
		t.Errorf("COPY to nowhere: %v", err)
	}
	data := mustSelect(t, c, "Archive")
	if fmt.Sprint(data.Flags) != `[Mine \Answered \Deleted \Draft \Flagged \Seen]` || data.NumMessages != 1 {
		t.Errorf("SELECT Archive %+v", data)
	}
	if got := wholeLetter(t, c, 1); !strings.HasSuffix(got, "\r\n\r\n.body 1\r\n") {
		t.Errorf("letter %q", got)
	}
	popLogin(t, sb, "bob@x").say("STAT", "+OK 1 ") // both protocols have one store
	popLogin(t, sb, "all").say("STAT", "+OK 3 ")
}

// TestIMAPFolders makes, renames, lists and removes folders.
func TestIMAPFolders(t *testing.T) {
	sb := start(t, Options{})
	c := imapLogin(t, sb, "bob@x", nil)
	for _, name := range []string{"a", "a/b", "a/b/ü&c"} {
		if err := c.Create(name, nil).Wait(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Create("a", nil).Wait(); err == nil || !strings.Contains(err.Error(), "ALREADYEXISTS") {
		t.Errorf("CREATE twice: %v", err)
	}
	if err := c.Delete("Inbox").Wait(); err == nil {
		t.Error("INBOX was deleted")
	}
	literal := "Subject: appended\r\n\r\n" + strings.Repeat("x", 10_000)
	add := c.Append("a/b", int64(len(literal)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
	if _, err := io.WriteString(add, literal); err != nil {
		t.Fatal(err)
	}
	if err := add.Close(); err != nil {
		t.Fatal(err)
	}
	if data, err := add.Wait(); err != nil || data.UID != 1 {
		t.Fatalf("APPEND %+v, %v", data, err)
	}
	if err := c.Rename("a", "z", nil).Wait(); err != nil {
		t.Error(err)
	}
	list, err := c.List("", "*", &imap.ListOptions{ReturnStatus: &imap.StatusOptions{NumMessages: true, Size: true}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range list {
		names = append(names, l.Mailbox)
		if l.Mailbox == "z/b" && (*l.Status.NumMessages != 1 || *l.Status.Size != int64(len(literal))) {
			t.Errorf("STATUS z/b %+v", l.Status)
		}
	}
	if got := strings.Join(names, " "); got != "Archive Drafts INBOX Junk Sent Trash z z/b z/b/ü&c" {
		t.Errorf("LIST %s", got)
	}
	mustSelect(t, c, "z/b")
	if got := wholeLetter(t, c, 1); got != literal {
		t.Errorf("appended %.50q", got)
	}
	if found := settled(sb); len(found) != 0 {
		t.Errorf("an appended letter was caught")
	}
}

// TestIMAPOctets: the letter, its header and text are what was caught.
func TestIMAPOctets(t *testing.T) {
	for _, tc := range []struct{ header, text string }{
		{"", ""},
		{"\r\n", "text\r\n.\r\n"},
		{"no header\r\n: at all\r\n\r\n", "a\x00\xff\n\rb"},
		{"Subject: x\n\n", "LF alone\n"},
		{"Subject: no end", ""},
		{"Subject: long\r\n\r\n", strings.Repeat("0123456789\r\n", inMemory/10)},
		{"X: * CAPABILITY STARTTLS\r\n\r\n", "* CAPABILITY IMAP4rev1\r\n"},
	} {
		sb := start(t, Options{})
		letter := tc.header + tc.text
		r := dialRaw(t, sb.SMTPAddr())
		r.write("EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n" + fmt.Sprintf("BDAT %d LAST\r\n%sQUIT\r\n", len(letter), letter))
		r.until("221")
		c := imapLogin(t, sb, "b@x", nil)
		mustSelect(t, c, "INBOX")
		items := map[string]*imap.FetchItemBodySection{
			letter:                 {Peek: true},
			tc.header:              {Specifier: imap.PartSpecifierHeader, Peek: true},
			tc.text:                {Specifier: imap.PartSpecifierText, Peek: true},
			letter[len(letter)/2:]: {Peek: true, Partial: &imap.SectionPartial{Offset: int64(len(letter) / 2), Size: 1 << 30}},
		}
		for want, item := range items {
			got, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{RFC822Size: true, BodySection: []*imap.FetchItemBodySection{item}}).Collect()
			if err != nil || len(got) != 1 || got[0].RFC822Size != int64(len(letter)) {
				t.Fatalf("%.40q: %v, %v", want, got, err)
			}
			if !bytes.Equal(got[0].FindBodySection(item), []byte(want)) {
				t.Errorf("%+v: %.40q, want %.40q", item, got[0].FindBodySection(item), want)
			}
		}
	}
}

// TestIMAPIdle: a letter that comes is told to who waits, also when the folder's other changes come by POP3.
func TestIMAPIdle(t *testing.T) {
	sb := start(t, Options{})
	exists, expunged := make(chan uint32, 10), make(chan uint32, 10)
	c := imapLogin(t, sb, "bob@x", &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				exists <- *data.NumMessages
			}
		},
		Expunge: func(n uint32) { expunged <- n },
	}})
	mustSelect(t, c, "INBOX")
	idle, err := c.Idle()
	if err != nil {
		t.Fatal(err)
	}
	if err := sendMail(sb, "bob@x", "\r\n"); err != nil {
		t.Fatal(err)
	}
	if n := receive(t, exists); n != 1 {
		t.Errorf("EXISTS %d", n)
	}
	p := popLogin(t, sb, "bob@x")
	p.say("DELE 1", "+OK")
	p.say("QUIT", "+OK")
	if n := receive(t, expunged); n != 1 {
		t.Errorf("EXPUNGE %d", n)
	}
	if err := idle.Close(); err != nil {
		t.Error(err)
	}
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// TestIMAPFaults: as scripted, with the command's tag, whether it has a literal or not.
func TestIMAPFaults(t *testing.T) {
	login := "a LOGIN b@x {1+}\r\nx\r\n"
	for _, tc := range []struct {
		name  string
		fault Fault
		write string
		want  []string // how the lines begin that matter, in their order
	}{
		{"greeting", Fault{Stage: "connect", Reply: "* BYE [UNAVAILABLE] later"}, "", []string{"* BYE [UNAVAILABLE] later"}},
		{"another greeting", Fault{Stage: "connect", Reply: "* OK hello"}, "a LOGOUT\r\n", []string{"* OK hello", "a OK"}},
		{"login", Fault{Stage: "login", Match: "b@x", Reply: "NO [UNAVAILABLE] later"}, login + "b LOGOUT\r\n", []string{"a NO [UNAVAILABLE] later", "b OK"}},
		{"select", Fault{Stage: "select", Match: "inbox", Reply: "NO [SERVERBUG] no"}, login + "b SELECT \"INBOX\"\r\nc EXAMINE Trash\r\nd LOGOUT\r\n", []string{"b NO [SERVERBUG] no", "c OK", "d OK"}},
		{"untagged", Fault{Stage: "noop", Reply: "* BYE going down"}, login + "b NOOP\r\n", []string{"a OK", "* BYE going down"}},
		{"literals that come all the same", Fault{Stage: "append", Reply: "NO [OVERQUOTA] full", Times: 1}, login + "b APPEND {5+}\r\nINBOX {4+}\r\nc X\n\r\nd APPEND INBOX {1}\r\n", []string{"b NO [OVERQUOTA] full", "+ "}},
		{"a literal that does not", Fault{Stage: "append", Reply: "NO [OVERQUOTA] full", Times: 1}, login + "b APPEND INBOX {4}\r\nc LOGOUT\r\n", []string{"b NO [OVERQUOTA] full", "c OK"}},
		{"cut in an answer", Fault{Stage: "fetch", CutAfter: 20}, login + "b SELECT INBOX\r\nc UID FETCH 1 BODY[]\r\n", []string{"b OK", "* 1 FETCH (UID 1 BOD"}},
		{"drop", Fault{Stage: "fetch", Drop: true}, login + "b SELECT INBOX\r\nc FETCH 1 BODY[]\r\n", []string{"b OK"}},
		{"capabilities", Fault{Stage: "capability", Without: []string{"IDLE", "MOVE"}}, "a CAPABILITY\r\nb LOGOUT\r\n", []string{"* CAPABILITY IMAP4rev2", "b OK"}},
		{"no TLS", Fault{Stage: "starttls", Reply: "BAD no"}, "a STARTTLS\r\nb LOGOUT\r\n", []string{"a BAD no", "b OK"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sb := start(t, Options{})
			if err := sendMail(sb, "b@x", "Subject: x\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			tc.fault.Protocol = "imap"
			if err := sb.Fail(tc.fault); err != nil {
				t.Fatal(err)
			}
			c := dialRaw(t, sb.Addr("imap"))
			c.write(tc.write)
			rest := c.halfClose()
			for _, want := range tc.want {
				at := strings.Index("\n"+rest, "\n"+want)
				if at < 0 {
					t.Fatalf("no line %q… in %q", want, rest)
				}
				rest = rest[at:]
			}
			if tc.fault.Without != nil && strings.Contains(rest, "IDLE") {
				t.Errorf("capabilities %q", rest)
			}
		})
	}
}

// TestIMAPSTARTTLS: what came in plain text is forgotten, and no injected command is obeyed.
func TestIMAPSTARTTLS(t *testing.T) {
	sb := start(t, Options{})
	c := dialRaw(t, sb.Addr("imap"))
	if line := c.want("* OK [CAPABILITY "); !strings.Contains(line, " STARTTLS") {
		t.Errorf("greeting %q", line)
	}
	c.write("a STARTTLS\r\nb LOGIN eve x\r\n")
	c.want("a OK")
	conn := tls.Client(c.nc, clientTLS(t, sb))
	s := &rawClient{t, conn, bufio.NewReader(conn)}
	s.write("c SELECT INBOX\r\nd CAPABILITY\r\n")
	s.want("c BAD")
	if caps := s.until("d OK"); strings.Contains(caps, "STARTTLS") {
		t.Errorf("under TLS: %s", caps)
	}
}
