package imap

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	goimap "github.com/emersion/go-imap/v2"
)

// FuzzSession: whatever a server says, the client ends, and says the same however the octets are cut into reads.
func FuzzSession(f *testing.F) {
	for _, s := range []string{
		"* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[] {5}\r\nhello)\r\np2 OK\r\n", "* SEARCH 1 2 3\r\np3 OK\r\n", "* BYE [ALERT] x\r\n",
		"* LIST (\\A) \"/\" \"a&b\" (CHILDINFO (\"SUBSCRIBED\"))\r\n* STATUS x (MESSAGES 1)\r\np4 OK [CAPABILITY X]\r\n",
		"* VANISHED (EARLIER) 1:3,5\r\n* 1 FETCH (ENVELOPE (NIL NIL ((NIL NIL \"a\" \"b\"))) BODYSTRUCTURE ((\"a\" \"b\")(\"c\" \"d\") \"x\"))\r\np2 OK [COPYUID 1 2 3] x\r\n",
		"* THREAD (1 2(3)((4)(5)))\r\n* SORT 3 1 2\r\n* QUOTA \"\" (STORAGE 1 2)\r\n* ACL x a lr\r\n* ID (\"a\" NIL)\r\n* NAMESPACE ((\"\" \"/\")) NIL NIL\r\np6 OK [MODIFIED 1:2] x\r\n",
		"* ESEARCH (TAG \"p3\") UID ALL 1:3\r\n", "+ go\r\n", "[COPYUID 1 2 3]\r\n* LIST () \"/\" ~/a b\r\n* LIST () \"/\" ~{1}\r\nx\r\n", "* 1 FETCH ((ENVELOPE (NIL \"a \"b\" c\" NIL)) UID 7)\r\n",
		"* 1 FETCH (UID 7 BODYSTRUCTURE ((NIL \"x\" (\"a\" NIL))\"mixed\" NIL \"inline\") RFC822.SIZE NIL)\r\n* STATUS a (MESSAGES 1)\r\np2 OK [MESSAGELIMIT 1 2] x\r\n", "* 1 FETCH (BODY[] {99999999999999999999}\r\n", "* OK [UIDVALIDITY 1] x\r\n* 3 EXISTS\r\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, errA := fuzzed(strings.NewReader(s))
		b, errB := fuzzed(iotest.OneByteReader(strings.NewReader(s)))
		if a != b || errA.Error() != errB.Error() {
			t.Errorf("%q, %v\n%q, %v", a, errA, b, errB)
		}
		if !errors.Is(errA, io.ErrUnexpectedEOF) && !errors.Is(errA, ErrProtocol) && !errors.Is(errA, errBye) {
			t.Error(errA)
		}
	})
}

// fuzzed goes on until the stream ends.
func fuzzed(src io.Reader) (string, error) {
	fetch := overMemory(src)
	c := fetch.c
	c.caps = everything()
	search := c.Search(Raw("ALL"), SearchOptions{})
	list := c.List("", "*", nil)
	sel := c.Select("x", SelectOptions{})
	thread, sorted := c.Thread("REFS", Raw("ALL")), c.Sort(Raw("ALL"), "DATE")
	status, quota, rights := c.Status("x", goimap.StatusOptions{}), c.Quota("x"), c.ACL("x")
	id, spaces, stored := c.ID(nil), c.Namespace(), c.Store(goimap.UIDSetNum(1), goimap.StoreFlags{}, StoreOptions{})
	messages, _ := all(fetch)
	found, _ := search.Wait()
	for _, err := range []error{
		waits(list), waits(sel), waits(thread), waits(sorted), waits(status), waits(quota), waits(rights), waits(id), waits(spaces), waits(stored),
	} {
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				return "", fmt.Errorf("%T is no *Error", err)
			}
		}
	}
	for range 1000 {
		if _, err := c.Noop().Wait(); err != nil && c.broken != nil {
			return strings.Join(messages, "|") + found.All.String(), c.broken
		}
	}
	return "", errors.New("it does not end")
}

// FuzzString: a string that is sent is read as it was, by whichever form it goes, and nothing of it is left over.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "a \"b\" c\\", "a\r\nx LOGOUT", "gr\xfcn", "grün", "{5}\r\n", "\"", "\" )", strings.Repeat("x", 2000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, utf8 := range []bool{false, true} {
			e := &encoder{literals: literalPlus, utf8: utf8, tight: true}
			e.String(s)
			parts, err := e.finish()
			if err != nil {
				if !errors.Is(err, ErrArgument) || !strings.Contains(s, "\x00") {
					t.Errorf("%q: %v", s, err)
				}
				continue
			}
			r := newReader(strings.NewReader(string(parts[0])))
			got, _, err := r.str()
			if err != nil || string(got) != s || len(parts) != 1 || r.buffered() != len("\r\n") {
				t.Errorf("%q goes as %q, and is read as %q, %v", s, parts, got, err)
			}
		}
	})
}

func FuzzUTF7(f *testing.F) {
	f.Add("&U,BTFw-")
	f.Add("a&b")
	f.Fuzz(func(t *testing.T, s string) {
		if name, ok := DecodeUTF7(s); ok && EncodeUTF7(name) != s {
			t.Errorf("%q", s)
		}
	})
}

func FuzzSet(f *testing.F) {
	f.Add("1:3,5,9:7")
	f.Fuzz(func(t *testing.T, s string) {
		if set, err := parseSet(s); err == nil && len(set) == 0 {
			t.Errorf("%q is %v", s, goimap.UIDSet(set))
		}
	})
}
