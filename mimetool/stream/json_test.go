package stream

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestJSONRead(t *testing.T) {
	for _, c := range []struct {
		what, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"empty lines", "\n \r\n\n", nil},
		{"raw", `{"raw":"QTogYgoKeA=="}`, []string{"A: b\n\nx"}},
		{"raw with line ends and escaped slashes", `{"raw":"\/\/\/\/\nQUJD"}`, []string{"\xff\xff\xffABC"}},
		{"raw without padding", `{"raw":"QQ"}`, []string{"A"}},
		{"eml", `{"eml":"A: b\r\n\r\n\u00fc\ud83d\ude00\ud800"}`, []string{"A: b\r\n\r\nü😀\uFFFD"}},
		{"two, blanks between", " {\"eml\" : \"a\"} \n{\"x\":[1,{\"y\":\"}\\\"\"}],\"eml\":\"b\"}\r\n", []string{"a", "b"}},
		{"null is not there", `{"eml":"a","text":null,"to":null}`, []string{"a"}},
		{"no object", "[]\n{\"eml\":\"a\"}", []string{"!message 1: " + errJSON.Error(), "a"}},
		{"garbage in the middle", "{\"eml\":\"a\"}\n{\"eml\"\n{\"eml\":\"b\"}", []string{"a", "!message 2: " + errJSON.Error(), "b"}},
		{"garbage after the object", "{\"eml\":\"a\"}x\n{\"eml\":\"b\"}", []string{"!message 1: " + errJSON.Error(), "b"}},
		{"control character in a string", "{\"eml\":\"a\tb\"}\n{\"eml\":\"b\"}", []string{"!message 1: " + errJSON.Error(), "b"}},
		{"bad escape", `{"eml":"\x"}`, []string{"!message 1: " + errJSON.Error()}},
		{"no base64", `{"raw":"Q!Q="}`, []string{"!message 1: " + errBase64.Error()}},
		{"more after the padding", `{"raw":"QQ==QQ=="}`, []string{"!message 1: " + errBase64.Error()}},
		{"two messages in one", `{"raw":"QQ==","eml":"a"}`, []string{"!message 1: " + errTwoForms.Error()}},
		{"one twice", `{"eml":"a","eml":"b"}`, []string{"!message 1: " + errTwoForms.Error()}},
		{"none", `{"to":"a@b"}`, []string{"!message 1: " + errNoLetter.Error()}},
		{"cut short", "{\"eml\":\"a\"}\n{\"eml\":\"b", []string{"a", "!message 2: " + errJSON.Error() + ": unexpected EOF"}},
		{"two senders", `{"from":"a@b, c@d","eml":"a"}`, []string{"!message 1: " + errSender.Error()}},
	} {
		for name, r := range map[string]io.Reader{
			"whole": strings.NewReader(c.in), "by the octet": iotest.OneByteReader(strings.NewReader(c.in)),
		} {
			if got := readAll(r, JSONL, Options{}); !equalMessages(got, c.want) {
				t.Errorf("%s, %s:\n got %q\nwant %q", c.what, name, got, c.want)
			}
		}
	}
}

func TestJSONEnvelope(t *testing.T) {
	in := `{"from":"Ä <a@example.org>","to":["B <b@example.org>","c@example.org, d@example.org"],"cc":"e@example.org","bcc":["f@example.org"],"name":"x.eml","date":"2026-01-02T03:04:05Z","eml":"x"}
{"from":"","eml":"x"}`
	var list []*Message
	for m, err := range Read(strings.NewReader(in), JSONL, Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	m := list[0]
	want := []string{"b@example.org", "c@example.org", "d@example.org", "e@example.org", "f@example.org"}
	if m.From != "a@example.org" || m.NullFrom || !slices.Equal(m.To, want) || m.Name != "x.eml" || m.Date.Year() != 2026 || m.Size != 1 {
		t.Errorf("%+v", m)
	}
	if m = list[1]; m.From != "" || !m.NullFrom || m.To != nil {
		t.Errorf("%+v", m)
	}
}

func TestJSONLetter(t *testing.T) {
	in := `{"from":"Ä <a@example.org>","to":["B <b@example.org>"],"bcc":"secret@example.org","subject":"Größe","headers":{"X-A":"1"},"text":"hi\n","message_id":"1@x"}`
	want := "From: =?utf-8?q?=C3=84?= <a@example.org>\r\nTo: B <b@example.org>\r\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\nMessage-ID: <1@x>\r\nX-A: 1\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\nhi\r\n"
	if got := readAll(strings.NewReader(in), JSONL, Options{}); !equalMessages(got, []string{want}) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	for _, bad := range []string{`{"subject":"a\nBcc: x","text":"y"}`, `{"headers":{"Content-Type":"x/y"},"text":"y"}`, `{"to":"<a","text":"y"}`} {
		if got := readAll(strings.NewReader(bad), JSONL, Options{}); len(got) != 1 || got[0][0] != '!' {
			t.Errorf("%s: %q", bad, got)
		}
	}
}

// TestJSONLarge: a message that is larger than what is kept in memory goes through a temporary file, which is gone
// afterwards, whatever stands behind it on the line.
func TestJSONLarge(t *testing.T) {
	dir := t.TempDir()
	message := bytes.Repeat([]byte("0123456789abcde\n"), 3*spoolMemory/16)
	var line bytes.Buffer
	w, err := NewWriter(&line, JSONL, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteMessage(&Message{Reader: bytes.NewReader(message), Size: int64(len(message))}); err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSuffix(line.String(), "}\n") + `,"to":["a@b"]}` + "\n"
	n := 0
	for m, err := range Read(strings.NewReader(text+text), JSONL, Options{TempDir: dir}) {
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(m)
		if n++; err != nil || !bytes.Equal(got, message) || !slices.Equal(m.To, []string{"a@b"}) || m.Size != int64(len(message)) {
			t.Errorf("message %d: %d octets, %v %v", n, len(got), m.To, err)
		}
		if m.File() == nil {
			t.Error("it is not in a file")
		}
	}
	left, err := os.ReadDir(dir)
	if n != 2 || err != nil || len(left) > 0 {
		t.Errorf("%d messages; left behind: %v %v", n, left, err)
	}
}

func TestJSONFieldTooLong(t *testing.T) {
	in := `{"x":"` + strings.Repeat("y", 2<<20) + `","eml":"a"}` + "\n" + `{"eml":"b"}`
	want := []string{"!message 1: " + errLong.Error(), "b"}
	if got := readAll(strings.NewReader(in), JSONL, Options{}); !equalMessages(got, want) {
		t.Errorf("%.200q", got)
	}
}

func FuzzJSONRead(f *testing.F) {
	f.Add(`{"raw":"QTogYgoKeA==","from":"a@b","to":["c@d"]}` + "\n")
	f.Add(`{"text":"a","html":"b","subject":"c","headers":{"X":"y"}}` + "\n" + `{"eml":"\ud800\u00"}`)
	f.Add(`{"x":[{"y":"\\"}],"eml":"` + "\x00")
	f.Fuzz(func(t *testing.T, in string) {
		lines := 0
		for m, err := range Read(strings.NewReader(in), JSONL, Options{TempDir: t.TempDir()}) {
			if lines++; lines > strings.Count(in, "\n")+1 {
				t.Fatalf("more messages than lines")
			}
			if err == nil {
				if _, err := io.Copy(io.Discard, m); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// FuzzJSONString: what encoding/json makes of a string comes back.
func FuzzJSONString(f *testing.F) {
	f.Add("a\"\\\n\t\x01ü😀\u2028<>&")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := json.Marshal(map[string]string{"eml": s})
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(bytes.NewReader(b), JSONL, Options{}); !equalMessages(got, []string{strings.ToValidUTF8(s, "\uFFFD")}) && s == strings.ToValidUTF8(s, "") {
			t.Errorf("%q: %q", b, got)
		}
	})
}
