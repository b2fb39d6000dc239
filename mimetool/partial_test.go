package mimetool

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func splitAll(t *testing.T, message string, size int64) (fragments []string) {
	t.Helper()
	for f, err := range Split(strings.NewReader(message), SplitOptions{Size: size, ID: "abc@example.org"}) {
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if f.Number != len(fragments)+1 || f.Total != 0 && f.Total != f.Number {
			t.Errorf("fragment %d of %d comes as number %d", f.Number, f.Total, len(fragments)+1)
		}
		fragments = append(fragments, string(b))
	}
	return fragments
}

// RFC 2046 §5.2.2.3 has this message in two fragments.
func TestSplitAndJoin(t *testing.T) {
	outer := "X-Weird-Header-1: Foo\r\nFrom: Bill@host.com\r\nTo: joe@otherhost.com\r\nDate: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\r\n"
	inner := "Subject: Audio mail\r\nMessage-ID: <anotherid@foo.com>\r\nMIME-Version: 1.0\r\nContent-type: audio/basic\r\nContent-transfer-encoding: base64\r\n"
	for _, lines := range []int{0, 1, 10, 3000} {
		message := outer + inner + "\r\n" + strings.Repeat("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n", lines)
		for _, size := range []int64{1, 500, 1 << 20} {
			fragments := splitAll(t, message, size)
			for i := range fragments {
				if !strings.HasPrefix(fragments[i], outer+"Message-ID: <abc.") {
					t.Fatalf("fragment begins %.200q", fragments[i])
				}
			}
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(fragments), func(i, k int) { fragments[i], fragments[k] = fragments[k], fragments[i] })
			if len(fragments) > 1 {
				fragments = slices.Insert(fragments, 0, fragments[0]) // one comes twice
			}
			if got := joinAll(t, fragments); got != message {
				t.Errorf("%d lines, %d octets each: got %.300q", lines, size, got)
			}
		}
	}
}

func joinAll(t *testing.T, fragments []string) string {
	t.Helper()
	var j Joiner
	defer j.Close()
	var out bytes.Buffer
	for _, f := range fragments {
		message, err := j.Add(strings.NewReader(f))
		if err != nil {
			t.Fatal(err)
		}
		if message != nil {
			if _, err := io.Copy(&out, message); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out.String()
}

func TestJoinIncomplete(t *testing.T) {
	fragments := splitAll(t, "From: a@b\n\n1\n2\n3\n", 2)
	var j Joiner
	defer j.Close()
	for _, f := range slices.Delete(fragments, 1, 2) {
		if message, err := j.Add(strings.NewReader(f)); message != nil || err != nil {
			t.Errorf("got %v, %v", message, err)
		}
	}
	if list := j.Incomplete(); len(list) != 1 || list[0].Error() != `message "abc@example.org" lacks fragments [2] of 3` {
		t.Errorf("incomplete: %v", list)
	}
	if _, err := j.Add(strings.NewReader("Subject: x\n\nx")); err != ErrNoFragment {
		t.Errorf("a message that is no fragment: %v", err)
	}
}

func TestFilesOfAFragment(t *testing.T) {
	message := "From: a@b\n" + attachments(named+"a.txt", strings.Repeat("a line\n", 100))
	got := filesText(t, splitAll(t, message, 300)[0])
	if !strings.HasPrefix(got, "1.1|a.txt|application/octet-stream||\"a line\\n") || !strings.HasSuffix(got, "message-fragment \n") {
		t.Errorf("got %s", got)
	}
}

func TestDigest(t *testing.T) {
	messages := []string{"From: a@b\nSubject: 1\n\nx\n", "Subject: 2\n\n", "Content-Type: message/rfc822\n\nSubject: in\n\n"}
	var out bytes.Buffer
	d, err := NewDigestWriter(&out, "From: c@d\n", "b\"1", "\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := d.Add(strings.NewReader(m)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for p, err := range Messages(&out, Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p.Decoded())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(b))
	}
	if !slices.Equal(got, messages) {
		t.Errorf("got %q", got)
	}
}
