package query

import (
	"iter"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// fields makes a header of lines.
func fields(lines ...string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			if !yield(name, value) {
				return
			}
		}
	}
}

// message is one of which all is known.
func message(t testing.TB, q *Query) *Message {
	t.Helper()
	m := &Message{
		Size: 2000, Flags: []string{"Seen", "flagged", "$Junk"},
		Arrived: time.Date(2026, 3, 9, 23, 30, 0, 0, time.FixedZone("", -3600)), // 2026-03-10 00:30 UTC
		Sent:    time.Date(2026, 3, 9, 23, 30, 0, 0, time.FixedZone("", -3600)),
		Header: fields("From: Alice Grün <alice@Example.org>", "To: bob@example.org", "Cc: undisclosed-recipients:;", "SUBJECT: Monthly report",
			"X-Empty: ", "List-Id: one", "List-Id: two"),
	}
	if m.Body = q.Finder(); m.Body != nil {
		m.Body.Field("Content-Type", "text/plain; charset=utf-8")
		for _, c := range []byte("Hello World, liebe Grüße.\r\nend of one") {
			m.Body.Write([]byte{c})
		}
		m.Body.End()
		m.Body.Write([]byte("part two"))
		m.Body.End()
	}
	return m
}

// TestJudge: RFC 9051 §6.4.4, key by key.
func TestJudge(t *testing.T) {
	for want, texts := range map[Verdict][]string{
		Yes: {
			"", "all", "not not all",
			"from alice", "from ALICE@example.ORG", "from grün", "from GRÜN", "to bob", "cc recipients", "subject 'monthly REPORT'", "subject ''",
			"header list-id two", "header x-empty ''", "header Subject report",
			"larger 1999", "smaller 2001", "larger 1k smaller 2k",
			"since 2026-03-10", "on 2026-03-10", "before 2026-03-11", "not before 2026-03-10", "older 14h", "younger 15h", "not older 15h",
			"senton 2026-03-09", "sentsince 2026-03-09", "sentbefore 2026-03-10",
			"seen", "flagged", "unanswered", "undeleted", "undraft", "keyword $junk", "unkeyword x", "old", "not new", "not recent",
			"body 'hello world'", "body GRÜSSE or body grüße", "body ''", "body two", "text alice", "text 'subject: monthly'", "text 'hello'", "text charset=utf-8",
			"from bob or to bob", "from alice (to bob or to carol)", "not (from alice to carol)", "from bob or from carol or from alice",
		},
		No: {
			"not all", "from bob", "bcc bob", "bcc ''", "header X-Other ''", "header list-id three",
			"larger 2000", "smaller 2000",
			"since 2026-03-11", "before 2026-03-10", "on 2026-03-09", "older 15h", "younger 14h",
			"senton 2026-03-10", "sentsince 2026-03-10", "sentbefore 2026-03-09",
			"unseen", "answered", "deleted", "draft", "unflagged", "keyword $Other", "unkeyword $junk", "new", "recent",
			"body 'one part'", "body subject", "body charset=utf-8", "body hallo", "text carol", "from alice to carol", "from bob or from carol",
		},
		Unknown: {"uid 1", "seq 1:*", "modseq 1", "gmail x", "not uid 1", "uid 1 from alice", "uid 1 or from bob"},
	} {
		for _, text := range texts {
			q, err := Parse(text, now)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			if got := q.Judge(message(t, q)); got != want {
				t.Errorf("%s: %d, want %d", text, got, want)
			}
		}
	}
}

// TestJudgeWithLess: what is not known makes no difference where the rest tells.
func TestJudgeWithLess(t *testing.T) {
	for text, want := range map[string][3]Verdict{ // with nothing, the size, the header too
		"all":                        {Yes, Yes, Yes},
		"larger 1k":                  {Unknown, Yes, Yes},
		"smaller 1k":                 {Unknown, No, No},
		"smaller 1k from alice":      {Unknown, No, No},
		"larger 1k from alice":       {Unknown, Unknown, Yes},
		"larger 1k or from alice":    {Unknown, Yes, Yes},
		"not (smaller 1k text x)":    {Unknown, Yes, Yes},
		"from alice body x":          {Unknown, Unknown, Unknown},
		"from bob body x":            {Unknown, Unknown, No},
		"text alice":                 {Unknown, Unknown, Yes},
		"sentsince 2026-01-01":       {Unknown, Unknown, Yes},
		"since 2026-01-01":           {Unknown, Unknown, Yes},
		"seen":                       {Unknown, Unknown, Unknown},
		"not seen smaller 1 seen":    {Unknown, No, No},
		"body ''":                    {Yes, Yes, Yes},
		"header x ''":                {Unknown, Unknown, No},
		"uid 7 or larger 1":          {Unknown, Yes, Yes},
		"(from alice or larger 9k)":  {Unknown, Unknown, Yes},
		"not from alice smaller 10k": {Unknown, Unknown, No},
	} {
		q, err := Parse(text, now)
		if err != nil {
			t.Fatal(err)
		}
		full := message(t, q)
		stages := []*Message{
			{Size: -1},
			{Size: full.Size},
			{Size: full.Size, Header: full.Header, Arrived: full.Arrived, Sent: full.Sent},
		}
		for i, m := range stages {
			if got := q.Judge(m); got != want[i] {
				t.Errorf("%s: %d with stage %d, want %d", text, got, i, want[i])
			}
		}
	}
}

// TestJudgeWithoutDates: a message that does not say when it is from has no day.
func TestJudgeWithoutDates(t *testing.T) {
	for text, want := range map[string]Verdict{
		"since 2000-01-01": No, "before 2100-01-01": No, "sentsince 2000-01-01": No, "sentbefore 2100-01-01": No, "older 1d": No, "younger 1d": No, "not since 2000-01-01": Yes,
	} {
		q, err := Parse(text, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Judge(&Message{Header: fields()}); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// FuzzJudge: with more known a verdict stays, a negation says the opposite, and a body is the same in pieces of any size.
func FuzzJudge(f *testing.F) {
	for _, s := range []string{"from alice body x", "not (text 'ä' or smaller 1k)", "body K since 7d", "header x '' or body ''", "text ſ keyword a"} {
		f.Add(s, "Grüße ſtraße \xe2\x84\xaa\xff x", 3)
	}
	f.Fuzz(func(t *testing.T, text, body string, piece int) {
		q, err := Parse(text, now)
		if err != nil || len(text) > 1000 {
			return
		}
		m := &Message{Size: -1}
		before := q.Judge(m)
		more := func(what string) {
			after := q.Judge(m)
			if before != Unknown && after != before {
				t.Errorf("%q: %d, with the %s %d", text, before, what, after)
			}
			if opposite := (&Query{Root: Node{Kind: Not, Nodes: []Node{q.Root}}}).Judge(m); opposite != -after {
				t.Errorf("%q: %d, and its opposite %d", text, after, opposite)
			}
			before = after
		}
		m.Size = int64(len(body))
		more("size")
		m.Header, m.Arrived, m.Sent = fields("From: alice", "Subject: "+body), now, now
		more("header")
		if m.Body = q.Finder(); m.Body != nil {
			write(m.Body, body, piece)
			for i := range m.Body.texts {
				w := &m.Body.texts[i]
				if want := strings.Contains(fold(body), w.folded); w.found != want && (utf8.ValidString(body) || want) {
					t.Errorf("%q in %q: %v", w.folded, body, w.found)
				}
			}
		}
		more("body")
	})
}

// write writes in pieces.
func write(f *Finder, body string, piece int) {
	for p := []byte(body); len(p) > 0; {
		n := min(len(p), max(1, piece))
		f.Write(p[:n])
		p = p[n:]
	}
	f.End()
}

// BenchmarkFinder: a body is looked through as fast as a network brings it.
func BenchmarkFinder(b *testing.B) {
	q, err := Parse("body 'not there' or text nor-this", now)
	if err != nil {
		b.Fatal(err)
	}
	f, body := q.Finder(), []byte(strings.Repeat("A line of text as it comes, Grüße inside.\r\n", 700))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		f.Write(body)
	}
}
