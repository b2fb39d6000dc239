package imap

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// TestUnread: a command behind a FETCH that was not read is told apart, and nothing is lost by it.
func TestUnread(t *testing.T) {
	play(t, with("", "C: p2 UID FETCH 7 (UID FLAGS BODY.PEEK[])\nC: p3 NOOP\nS: * 1 FETCH (UID 7 BODY[] {1}\nS: a)\nS: p2 OK\nS: p3 OK\n"), func(c *Client) {
		f := c.Fetch(goimap.UIDSetNum(7), body)
		noop := c.Noop()
		if _, err := noop.Wait(); !errors.Is(err, ErrUnread) {
			t.Errorf("before: %v", err)
		}
		m, err := f.Next()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := noop.Wait(); !errors.Is(err, ErrUnread) {
			t.Errorf("within: %v", err)
		}
		if l, err := m.Next(); err != nil || l.Size != 1 {
			t.Error(err)
		}
		if list, err := all(f); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		if _, err := noop.Wait(); err != nil {
			t.Errorf("after: %v", err)
		}
	})
}

// TestByeInTheMiddle: BYE is the reason that the error tells, and it is temporary.
func TestByeInTheMiddle(t *testing.T) {
	play(t, with("", "C: p2 UID FETCH 7 (UID FLAGS BODY.PEEK[])\nS: * 1 FETCH (UID 6 BODY[] {1}\nS: a)\nS: * BYE [UNAVAILABLE] down for maintenance\n"), func(c *Client) {
		list, err := all(c.Fetch(goimap.UIDSetNum(7), body))
		var e *Error
		if len(list) != 1 || !errors.As(err, &e) || e.Code != "UNAVAILABLE" || !e.Temporary() || !c.Broken() {
			t.Errorf("%q, %v", list, err)
		}
		if _, err := c.Noop().Wait(); err == nil {
			t.Error("the session goes on")
		}
	})
}

// TestStall: a server that stops in a literal is a time-out.
func TestStall(t *testing.T) {
	s := serve(t, with("", "C: p2 UID FETCH 7 (UID FLAGS BODY.PEEK[])\nS< * 1 FETCH (UID 6 BODY[] {10}\\r\\nabc\nC: never\n"), 1<<30) // what the client says then does not matter
	cfg := s.config()
	cfg.Dialer.Timeout = 200 * time.Millisecond
	c, err := Dial(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, err = all(c.Fetch(goimap.UIDSetNum(7), body))
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() || !c.Broken() {
		t.Errorf("%v", err)
	}
	c.Close()
	<-s.done
}

// TestMoveFallback: deletion comes after COPY's OK, for what it names, by UID EXPUNGE; or not at all.
func TestMoveFallback(t *testing.T) {
	set := goimap.UIDSet{{Start: 1, Stop: 3}}
	play(t, with("UIDPLUS", `C: p2 UID COPY 1:3 "Trash"
S: p2 OK [COPYUID 9 1,3 7:8] done
C: p3 UID STORE 1,3 +FLAGS.SILENT (\Deleted)
S: p3 OK
C: p4 UID EXPUNGE 1,3
S: * 3 EXPUNGE
S: p4 OK
`), func(c *Client) {
		if _, err := c.Move(set, "Trash"); err != nil {
			t.Error(err)
		}
	})
	play(t, with("UIDPLUS", "C: p2 UID COPY 1:3 \"Trash\"\nS: p2 NO [TRYCREATE] none\n"), func(c *Client) {
		var e *Error
		if _, err := c.Move(set, "Trash"); !errors.As(err, &e) || e.Code != "TRYCREATE" {
			t.Error(err)
		}
	})
	play(t, with("", ""), func(c *Client) {
		if _, err := c.Move(set, "Trash"); !errors.Is(err, ErrUnsupported) {
			t.Error(err)
		}
	})
	play(t, with("UIDPLUS", "C: p2 UID COPY 1:* \"Trash\"\nS: p2 OK done\n"), func(c *Client) {
		if _, err := c.Move(goimap.UIDSet{{Start: 1, Stop: 0}}, "Trash"); err == nil {
			t.Error("messages that came meanwhile are deleted uncopied")
		}
	})
}

// TestSearch: both forms of the answer are one.
func TestSearch(t *testing.T) {
	for name, d := range map[string]dialogue{
		"SEARCH":         with("", "C: p2 UID SEARCH FROM \"a\" UNSEEN\nS: * SEARCH 5 2 3 4 (MODSEQ 9)\nS: p2 OK\n"),
		"in two":         with("", "C: p2 UID SEARCH FROM \"a\" UNSEEN\nS: * SEARCH 5\nS: * SEARCH 2 3 4\nS: p2 OK\n"),
		"ESEARCH":        with("ESEARCH", "C: p2 UID SEARCH RETURN (ALL) FROM \"a\" UNSEEN\nS: * ESEARCH (TAG \"p2\") UID ALL 5,2:4\nS: p2 OK\n"),
		"another's, too": with("ESEARCH", "C: p2 UID SEARCH RETURN (ALL) FROM \"a\" UNSEEN\nS: * ESEARCH (TAG \"p1\") UID ALL 9\nS: * ESEARCH UID ALL 5,2:4\nS: p2 OK\n"),
	} {
		t.Run(name, func(t *testing.T) {
			play(t, d, func(c *Client) {
				criteria := &goimap.SearchCriteria{Header: []goimap.SearchCriteriaHeaderField{{Key: "from", Value: "a"}}, NotFlag: []goimap.Flag{goimap.FlagSeen}}
				found, err := c.Search(Criteria(criteria), SearchOptions{}).Wait()
				if err != nil || found.All.String() != "5,2:4" {
					t.Errorf("%v %v", found.All, err)
				}
			})
		})
	}
	play(t, with("", "C: p2 UID SEARCH CHARSET UTF-8 BODY {5}\nS: + \nC: grün OR (SEEN) (NOT (KEYWORD $x))\nS: p2 NO [BADCHARSET (US-ASCII)] no\n"), func(c *Client) {
		var e *Error
		criteria := &goimap.SearchCriteria{Body: []string{"grün"}, Or: [][2]goimap.SearchCriteria{{{Flag: []goimap.Flag{goimap.FlagSeen}}, {Not: []goimap.SearchCriteria{{Flag: []goimap.Flag{"$x"}}}}}}}
		if _, err := c.Search(Criteria(criteria), SearchOptions{}).Wait(); !errors.As(err, &e) || e.Code != "BADCHARSET" {
			t.Error(err)
		}
	})
}

// needy is a program that needs what servers may lack.
type needy struct{ rawProgram }

func (needy) Needs() []string { return []string{"WITHIN"} }

// TestNeeds: what a server does not understand is not sent.
func TestNeeds(t *testing.T) {
	program := needy{rawProgram{"YOUNGER", "7"}}
	play(t, with("SORT THREAD=REFS", ""), func(c *Client) {
		for _, err := range []error{
			waits(c.Search(program, SearchOptions{})), waits(c.Sort(program, "DATE")), waits(c.Thread("REFS", program)),
		} {
			if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "WITHIN") {
				t.Error(err)
			}
		}
	})
	play(t, with("WITHIN", "C: p2 UID SEARCH YOUNGER 7\nS: p2 OK\n"), func(c *Client) { must(t, c.Search(program, SearchOptions{})) })
}

// TestIdle: what comes is yielded, IDLE is renewed, and the session goes on.
func TestIdle(t *testing.T) {
	d := with("IDLE", "C: p2 IDLE\nS: + idling\nS: * 4 EXISTS\nC: DONE\nS: p2 OK\nC: p3 IDLE\nS: + idling\nS: * 2 EXPUNGE\nC: DONE\nS: * 5 EXISTS\nS: p3 OK\nC: p4 NOOP\nS: p4 OK\n")
	play(t, d, func(c *Client) {
		var got []UpdateKind
		for u, err := range c.Idle(context.Background(), IdleOptions{Renewal: 300 * time.Millisecond}) {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, u.Kind); u.Kind == UpdateExpunge {
				break
			}
		}
		if len(got) != 2 || len(c.Updates()) != 1 {
			t.Errorf("%v", got)
		}
		must(t, c.Noop())
	})
	play(t, with("IDLE", "C: p2 IDLE\nS: + idling\nS: * 4 EXISTS\nC: DONE\nS: p2 OK\n"), func(c *Client) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for _, err := range c.Idle(ctx, IdleOptions{}) {
			if err != nil {
				t.Error(err)
			}
			cancel()
		}
	})
	play(t, with("", "C: p2 NOOP\nS: * 4 EXISTS\nS: p2 OK\n"), func(c *Client) {
		for range c.Idle(context.Background(), IdleOptions{}) {
			break
		}
	})
}

// TestIdleLeft: DONE never comes before the server has said "+", whenever the loop is left; what came before needs no IDLE;
// and the end of the connection after that is not yielded to a loop that is left.
func TestIdleLeft(t *testing.T) {
	leave := func(c *Client) {
		n := 0
		for u, err := range c.Idle(context.Background(), IdleOptions{}) {
			if n++; err != nil || u.Num != 4 || n > 1 {
				t.Error(u, err, n)
			}
			break
		}
	}
	play(t, with("IDLE", "C: p2 IDLE\nS: * 4 EXISTS\nS: + idling\nC: DONE\nS: p2 OK\nC: p3 NOOP\nS: p3 OK\n"), func(c *Client) {
		leave(c)
		must(t, c.Noop())
	})
	play(t, with("IDLE", "C: p2 NOOP\nS: * 4 EXISTS\nS: p2 OK\nC: p3 NOOP\nS: p3 OK\n"), func(c *Client) {
		must(t, c.Noop())
		leave(c)
		must(t, c.Noop())
	})
	play(t, with("IDLE", "C: p2 IDLE\nS: + idling\nS: * 4 EXISTS\nC: DONE\nS: * BYE gone\n"), func(c *Client) {
		leave(c)
		if !c.Broken() {
			t.Error("the connection is not broken")
		}
	})
}

// TestInjection: nothing that a caller hands over becomes a command of its own.
func TestInjection(t *testing.T) {
	play(t, with("", ""), func(c *Client) {
		for name, err := range map[string]error{
			"flag": func() error {
				_, err := c.Store(goimap.UIDSetNum(1), goimap.StoreFlags{Flags: []goimap.Flag{"x\r\np9 DELETE INBOX"}}, StoreOptions{}).Wait()
				return err
			}(),
			"field": func() error {
				_, err := c.Fetch(goimap.UIDSetNum(1), FetchOptions{FetchOptions: goimap.FetchOptions{BodySection: []*goimap.FetchItemBodySection{{HeaderFields: []string{"a)] b"}}}}}).Next()
				return err
			}(),
			"raw": func() error { _, err := c.Search(Raw("ALL\r\nx LOGOUT"), SearchOptions{}).Wait(); return err }(),
			"NUL": func() error {
				_, err := c.Search(Criteria(&goimap.SearchCriteria{Body: []string{"a\x00"}}), SearchOptions{}).Wait()
				return err
			}(),
		} {
			if !errors.Is(err, ErrArgument) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestUTF7 is RFC 3501 §5.1.3.
func TestUTF7(t *testing.T) {
	for wire, name := range map[string]string{
		"INBOX": "INBOX", "~peter/mail/&U,BTFw-/&ZeVnLIqe-": "~peter/mail/台北/日本語", "a&-b": "a&b", "&AOQ-&-&APY-": "ä&ö", "&2D3eAA-": "😀", "&AAo-": "\n",
	} {
		got, ok := DecodeUTF7(wire)
		if !ok || got != name {
			t.Errorf("%q is %q, %v", wire, got, ok)
		}
		if back := EncodeUTF7(name); back != wire {
			t.Errorf("%q is written as %q", name, back)
		}
	}
	for _, bad := range []string{"a&b", "&", "&AGE-", "&U-", "&AA-", "grün", "&2D0-", "&!!-", "&Jjo-!&", "&AOQ-&APY-"} {
		if got, ok := DecodeUTF7(bad); ok {
			t.Errorf("%q is taken for %q", bad, got)
		}
	}
}

// TestOddNames: a name that is no modified UTF-7 goes back as it came.
func TestOddNames(t *testing.T) {
	play(t, with("", "C: p2 LIST \"\" \"*\"\nS: * LIST (\\HasNoChildren) \"/\" \"a&b\"\nS: * LIST () NIL {4}\nS: ../x\nS: * LIST (\\Noselect) \"/\" ~/Mail/foo\nS: * LIST () \"/\" ~\nS: * LIST () \"/\" ~{3}\nS: ~{x\nS: * LIST () \"/\"\nS: * LIST\nS: p2 OK\nC: p3 SELECT \"a&b\"\nS: p3 OK\n"), func(c *Client) {
		list := must(t, c.List("", "*", nil))
		if len(list) != 5 || list[2].Mailbox != "~/Mail/foo" || list[3].Mailbox != "~" || list[4].Mailbox != "~{x" || list[0].Mailbox != "a&b" || list[1].Mailbox != "../x" || list[1].Delim != 0 {
			t.Errorf("%+v", list)
		}
		must(t, c.Select("a&b", SelectOptions{}))
	})
}

// TestStatus: counts go to whom they belong, in whatever order they come and however the name is spelt.
func TestStatus(t *testing.T) {
	play(t, with("NOTIFY", `C: p2 STATUS "A" (MESSAGES)
C: p3 STATUS "a" (MESSAGES)
C: p4 STATUS "&AOQ-" (MESSAGES)
S: * STATUS a (MESSAGES 2)
S: * STATUS A (MESSAGES 1)
S: p2 OK
S: p3 OK
S: * STATUS {2}
S: ä (MESSAGES 3)
S: p4 OK
C: p5 NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge))
S: p5 OK
C: p6 STATUS "A" (MESSAGES)
S: * STATUS other (MESSAGES 9)
S: * STATUS A (MESSAGES 4)
S: * STATUS other (MESSAGES 10)
S: p6 OK
`), func(c *Client) {
		var pending []*Pending[goimap.StatusData]
		for _, name := range []string{"A", "a", "ä"} {
			pending = append(pending, c.Status(name, goimap.StatusOptions{NumMessages: true}))
		}
		for i, p := range pending {
			if got := *must(t, p).NumMessages; got != uint32(i+1) {
				t.Errorf("%d has %d", i, got)
			}
		}
		must(t, c.Notify(NotifyOptions{Personal: true}))
		if got := *must(t, c.Status("A", goimap.StatusOptions{NumMessages: true})).NumMessages; got != 4 || len(c.Updates()) != 2 {
			t.Errorf("%d", got)
		}
	})
}

// TestQuota is RFC 9208 §4.
func TestQuota(t *testing.T) {
	play(t, with("QUOTA", `C: p2 SETQUOTA "" (MESSAGE 100 STORAGE 512)
S: * QUOTA "" (STORAGE 10 512 MESSAGE 3 100)
S: p2 OK
C: p3 GETQUOTA "x"
S: * QUOTA x ()
S: p3 OK
C: p4 GETQUOTAROOT "INBOX"
S: * QUOTAROOT INBOX "" x
S: * QUOTA "" (STORAGE 10 512)
S: * QUOTA x (X-ODD 18446744073709551615 1)
S: p4 OK
`), func(c *Client) {
		q := must(t, c.SetQuota("", map[goimap.QuotaResourceType]int64{goimap.QuotaResourceStorage: 512, goimap.QuotaResourceMessage: 100}))
		if len(q) != 1 || q[0].Resources["MESSAGE"] != (Resource{3, 100}) {
			t.Errorf("%+v", q)
		}
		if q := must(t, c.QuotaRoot("x")); len(q) != 1 || q[0].Root != "x" {
			t.Errorf("%+v", q)
		}
		if q := must(t, c.Quota("INBOX")); len(q) != 2 || q[1].Resources["X-ODD"].Usage < 0 {
			t.Errorf("%+v", q)
		}
		if _, err := c.SetQuota("", map[goimap.QuotaResourceType]int64{"A B": 1}).Wait(); !errors.Is(err, ErrArgument) {
			t.Error(err)
		}
	})
}
