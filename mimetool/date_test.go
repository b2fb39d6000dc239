package mimetool

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	for _, c := range []struct{ why, raw, want string }{
		{"RFC 5322 A.1.1", "Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"},
		{"RFC 5322 A.1.2", "Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T10:52:37+02:00"},
		{"RFC 5322 A.1.3", "Thu, 13 Feb 1969 23:32:54 -0330", "1969-02-13T23:32:54-03:30"},
		{
			"RFC 5322 A.5", "Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)",
			"1969-02-13T23:32:00-03:30",
		},
		{"RFC 5322 A.6.2", "21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z"},
		{"RFC 5322 §4.3, years", "1 Jan 49 00:00 EST", "2049-01-01T00:00:00-05:00"},
		{"RFC 5322 §4.3, years", "1 Jan 50 00:00 EDT", "1950-01-01T00:00:00-04:00"},
		{"RFC 5322 §4.3, years", "1 Jan 104 00:00 PST", "2004-01-01T00:00:00-08:00"},
		{"RFC 5322 §4.3, a military zone", "1 Jan 2004 00:00 K", "2004-01-01T00:00:00Z"},
		{"RFC 5322 §3.3, local time unknown", "1 Jan 2004 00:00:00 -0000", "2004-01-01T00:00:00Z"},
		{"RFC 5322 §3.3, a leap second", "31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00Z"},
		{"RFC 5322 §4.3, comments", "(a)Fri(b),(c)21(d)Nov(e)1997(f)09(g):55:06(h)-0600", ""},
		{"a zone twice", "Wed, 20 Sep 1995 00:19:00 (EDT) -0400", "1995-09-20T00:19:00-04:00"},
		{"a zone with its name", "Wed, 20 Sep 1995 00:19:00 GMT+0200", "1995-09-20T00:19:00+02:00"},
		{"a zone with a colon", "Wed, 20 Sep 1995 00:19:00 +02:30", "1995-09-20T00:19:00+02:30"},
		{"a zone in hours", "16 May 2016 at 09:30:32  GMT+1", "2016-05-16T09:30:32+01:00"},
		{"no zone", "17 Jul 2012 22:23:35", "2012-07-17T22:23:35Z"},
		{"a fraction", "Tue, 17 Jul 2012 22:23:35.882 +0000", "2012-07-17T22:23:35Z"},
		{"dots", "17 Jul 2012 22.23.35 +0100", "2012-07-17T22:23:35+01:00"},
		{"hyphens", "17-Jul-2012 22:23:35 +0100", "2012-07-17T22:23:35+01:00"},
		{"asctime", "Tue Jan  2 03:04:05 2024", "2024-01-02T03:04:05Z"},
		{"asctime with a zone", "Tue Jan  2 03:04:05 CET 2024", "2024-01-02T03:04:05+01:00"},
		{"ISO 8601", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"},
		{"ISO 8601", "2024-01-02 03:04:05 -0300", "2024-01-02T03:04:05-03:00"},
		{"in full", "Tuesday, 02 January 2024 03:04:05 +0000", "2024-01-02T03:04:05Z"},
		{"afternoon", "Wed 29 May 2019 06:09:22 PM EDT", "2019-05-29T18:09:22-04:00"},
		{"midnight", "29 May 2019 12:09 AM", "2019-05-29T00:09:00Z"},
		{"no commas or blanks", "Fri,21Nov1997 09:55:06-0600", "1997-11-21T09:55:06-06:00"},
		{"no time", "21 Nov 1997", "1997-11-21T00:00:00Z"},
		{"zeros before", "Tue, 029 Apr 2019 03:04:05 +0000", "2019-04-29T03:04:05Z"},
		{"29 February", "29 Feb 2024 00:00 Z", "2024-02-29T00:00:00Z"},

		{"no such day", "29 Feb 2023 00:00:00 +0000", ""},
		{"no such day", "32 Jan 2023 00:00:00 +0000", ""},
		{"no such hour", "1 Jan 2023 25:00:00 +0000", ""},
		{"no such minute", "1 Jan 2023 05:60:00 +0000", ""},
		{"no month", "1 2023 05:00:00", ""},
		{"no year", "Thu Jan 01 00:00:10 +0000", ""},
		{"numbers for months", "01/02/2023", ""},
		{"too many digits", "1 Jan 999999999 00:00", ""},
		{"words", "Whenever", ""},
		{"nothing", "", ""},
		{"long nothing", strings.Repeat("(", 100000), ""},
	} {
		got, err := ParseDate(c.raw)
		if c.want == "" {
			if !errors.Is(err, ErrDate) {
				t.Errorf("%s: %.80q: %v, %v", c.why, c.raw, got, err)
			}
			continue
		}
		want, _ := time.Parse(time.RFC3339, c.want)
		_, gotZone := got.Zone()
		if _, zone := want.Zone(); err != nil || !got.Equal(want) || gotZone != zone {
			t.Errorf("%s: %q: %v, %v; want %v", c.why, c.raw, got, err, want)
		}
	}
}

func TestMessageIDs(t *testing.T) {
	for _, c := range []struct{ why, raw, want string }{
		{"RFC 5322 A.1.1", "<1234@local.machine.example>", "1234@local.machine.example"},
		{"RFC 5322 A.2", "<1234@local.machine.example> <3456@example.net>", "1234@local.machine.example 3456@example.net"},
		{"RFC 5322 A.5", "              <testabcd.1234@silly.test>", "testabcd.1234@silly.test"},
		{"RFC 5322 A.6.3", "<1234   @   local(blah)  .machine .example>", "1234@local.machine.example"},
		{"folded", "<a@x>\r\n <b@\r\n y>", "a@x b@y"},
		{"RFC 5322 §4.5.4, phrases", `Your message of "Mon, 1 Jan" <a@x> (was <c@d>)`, "a@x"},
		{"parentheses in one", "<a(1)@x>", "a(1)@x"},
		{"not closed", "<a@x <b@y", "a@x b@y"},
		{"no brackets", "a@x, b@y", "a@x b@y"},
		{"no brackets, no sign", "hello there", ""},
		{"empty", "<> <  >", ""},
		{"no sign", "<abc>", "abc"},
		{"control characters", "<a\x00b\x1b@x>", "ab@x"},
		{"a comment that does not end", "(((<a@x>", "a@x"},
	} {
		if got := strings.Join(MessageIDs(c.raw), " "); got != c.want {
			t.Errorf("%s: %q: %q, want %q", c.why, c.raw, got, c.want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{
		"Fri, 21 Nov 1997 09:55:06 -0600", "2024-01-02T03:04:05.5Z", "Tue Jan  2 03:04:05 2024", "1 Jan 49 0:0 (x", "0\x83,\xc1>\xbf@0", "20060102 3:4 PM", "<a(b) @c>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if date, err := ParseDate(raw); err == nil && len(raw) < maxDate {
			again, err := ParseDate(date.Format("2 Jan 2006 15:04:05 -0700"))
			if _, zone := date.Zone(); date.Year() >= 1000 && zone%60 == 0 && (err != nil || !again.Equal(date)) {
				t.Errorf("%q: %v is read again as %v, %v", raw, date, again, err)
			}
		}
		for _, id := range MessageIDs(raw) {
			wordsOneLine(t, id)
			if strings.ContainsAny(id, " \t<>") {
				t.Errorf("%q: %q", raw, id)
			}
		}
	})
}
