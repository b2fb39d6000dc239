package query

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

var now = time.Date(2026, 3, 10, 15, 4, 5, 0, time.UTC)

// words keeps what is written.
type words struct{ list []string }

func (w *words) Atom(s string)   { w.list = append(w.list, s) }
func (w *words) String(s string) { w.list = append(w.list, `"`+s+`"`) }

func written(q *Query) (string, error) {
	var w words
	err := q.WriteSearch(&w)
	return strings.NewReplacer("( ", "(", " )", ")").Replace(strings.Join(w.list, " ")), err
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"": "ALL",
		"from alice since 2026-01-01 not seen larger 1M": `FROM "alice" SINCE 1-Jan-2026 NOT SEEN LARGER 1048576`,
		"FROM Alice UNSEEN":              `FROM "Alice" UNSEEN`,
		"from a or from b":               `OR FROM "a" FROM "b"`,
		"from a seen or from b or to c":  `OR (FROM "a" SEEN) OR FROM "b" TO "c"`,
		"(from a or from b) and seen":    `OR FROM "a" FROM "b" SEEN`,
		"not (seen flagged)":             "NOT (SEEN FLAGGED)",
		"not not seen":                   "NOT NOT SEEN",
		"- seen":                         "NOT SEEN",
		`subject "a (b) or" body 'it"s'`: `SUBJECT "a (b) or" BODY "it"s"`,
		`subject 'it\'s' text ""`:        `SUBJECT "it's" TEXT ""`,
		"subject or":                     `SUBJECT "or"`,
		"subject grün":                   `SUBJECT "grün"`,
		"since 7d":                       "SINCE 3-Mar-2026",
		"since 2w before today":          "SINCE 24-Feb-2026 BEFORE 10-Mar-2026",
		"on yesterday sentsince 1y senton 31-Jan-2026": "ON 9-Mar-2026 SENTSINCE 10-Mar-2025 SENTON 31-Jan-2026",
		"older 6h younger 1w":                          "OLDER 21600 YOUNGER 604800",
		"smaller 500k larger 100":                      "SMALLER 512000 LARGER 100",
		"larger 8G":                                    "LARGER 4294967295",
		"header List-Id '' header X-A b":               `HEADER "List-Id" "" HEADER "X-A" "b"`,
		"keyword $Junk unkeyword x":                    "KEYWORD $Junk UNKEYWORD x",
		"uid 1:100,200:* seq 3,*":                      "UID 1:100,200:* 3,*",
		"modseq 12":                                    "MODSEQ 12",
		"gmail 'has:attachment in:inbox'":              `X-GM-RAW "has:attachment in:inbox"`,
	} {
		q, err := Parse(text, now)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := written(q); got != want || err != nil || q.String() != text {
			t.Errorf("%q is %s, not %s (%v)", text, got, want, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, word := range map[string]string{
		"frm alice": "frm", "from": "", "not": "", "(seen": "(", "seen)": ")", "()": "(", "seen or": "or", "or seen": "or", "since tomorrow": "tomorrow",
		"since 31-Feb-2026": "31-Feb-2026", "since 7": "7", "since 7x": "7x", "larger big": "big", "larger -1": "-1", "larger 99999999999G": "99999999999G",
		"uid 0": "0", "uid 1,,2": "1,,2", "uid 1:": "1:", "uid a": "a", "keyword a(b": "b", "keyword 'a b'": "a b", "keyword \\Seen": `\Seen`, "header": "", "header A": "",
		"header 'a b' c": "a b", `subject "a`: `"a`, `"seen"`: "seen", "from (a)": "(", "older 0d": "0d", "modseq -1": "-1",
		"subject gr\xfc\xdf": "subject gr\xfc",
		strings.Repeat("(", 200) + "seen" + strings.Repeat(")", 200): "(", strings.Repeat("not ", 200) + "seen": "not",
	} {
		_, err := Parse(text, now)
		var e *Error
		if !errors.As(err, &e) || e.Word != word {
			t.Errorf("%.40q: %v, at %q", text, err, word)
		}
	}
}

func TestParseArgs(t *testing.T) {
	for want, args := range map[string][]string{
		`SUBJECT "monthly report" UNSEEN`: {"subject", "monthly report", "unseen"},
		`FROM "a" UNSEEN`:                 {"from a", "unseen"},
		`SUBJECT "a b"`:                   {"subject", `"a b"`},
		`HEADER "X" "a b" TEXT ""`:        {"header", "X", "a b", "text", ""},
		`SUBJECT "say "a b" \"`:           {"subject", `say "a b" \`},
	} {
		q, err := ParseArgs(args, now)
		if err != nil {
			t.Errorf("%q: %v", args, err)
			continue
		}
		if got, _ := written(q); got != want {
			t.Errorf("%q is %s", args, got)
		}
	}
}

func TestCriteria(t *testing.T) {
	q, err := Parse("from a on 2026-01-02 since 2025-01-01 not seen unflagged larger 1k larger 2k smaller 9k smaller 8k (draft or keyword x or new) uid 5:* seq 9:3", now)
	if err != nil {
		t.Fatal(err)
	}
	c, err := q.Criteria()
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	if !c.Since.Equal(day) || !c.Before.Equal(day.AddDate(0, 0, 1)) || c.Larger != 2048 || c.Smaller != 8192 || c.NotFlag[0] != imap.FlagFlagged {
		t.Errorf("%+v", c)
	}
	if c.Not[0].Flag[0] != imap.FlagSeen || c.Or[0][1].Or[0][0].Flag[0] != "x" || c.UID[0].String() != "5:*" || c.SeqNum[0].String() != "3:9" {
		t.Errorf("%+v", c)
	}
	for _, text := range []string{"gmail x", "not older 1d", "seen or younger 1d or all", "smaller 0"} {
		q, err := Parse(text, now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.Criteria(); !errors.Is(err, ErrCannot) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestNeeds are the capabilities that keys of extensions need.
func TestNeeds(t *testing.T) {
	for text, want := range map[string]string{
		"from a since 7d": "", "older 1d": "WITHIN", "not (seen or younger 1h) older 2h": "WITHIN", "gmail x or modseq 7": "CONDSTORE X-GM-EXT-1", "header gmail x": "",
	} {
		q, err := Parse(text, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(q.Needs(), " "); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// FuzzParse: what is parsed can be written, in words that cannot end a command, with parentheses that match.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"from alice since 7d not (seen or larger 1M)", `subject "a\"b" header x '' uid 1:*,3`, "gmail 'x' older 3m", "((", "or or", "not"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s, now)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset > len(s) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		var w words
		if err := q.WriteSearch(&w); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		depth := 0
		for _, word := range w.list {
			switch word {
			case "(":
				depth++
			case ")":
				depth--
			}
			if word == "" || word[0] != '"' && strings.ContainsAny(word, " \r\n\x00\"\\") || depth < 0 {
				t.Errorf("%q is %q", s, w.list)
			}
		}
		if depth != 0 {
			t.Errorf("%q is %q", s, w.list)
		}
		if _, err := q.Criteria(); err != nil && !errors.Is(err, ErrCannot) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
