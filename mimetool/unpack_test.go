package mimetool

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// unpackInto unpacks a message and gives the entries, and what is in the directory then: names and contents.
func unpackInto(t *testing.T, dir string, message io.Reader, opt UnpackOptions) ([]*Entry, map[string]string, error) {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var entries []*Entry
	var failed error
	for e, err := range NewUnpacker(root, opt).Unpack(message) {
		if err != nil {
			failed = err
			break
		}
		c := *e
		entries = append(entries, &c)
	}
	return entries, dirContent(t, dir), failed
}

func dirContent(t *testing.T, dir string) map[string]string {
	t.Helper()
	content := make(map[string]string)
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range list {
		b, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			b = []byte("error: " + err.Error())
		}
		content[entry.Name()] = string(b)
	}
	return content
}

// attachments is a message with parts whose headers and bodies are given by turns.
func attachments(parts ...string) string {
	var m strings.Builder
	m.WriteString("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n")
	for i := 0; i < len(parts); i += 2 {
		fmt.Fprintf(&m, "\n--b\n%s\n\n%s", parts[i], parts[i+1])
	}
	m.WriteString("\n--b--\n")
	return m.String()
}

// inner gives a message another boundary, so that it may stand in one.
func inner(message string) string {
	return strings.NewReplacer("=b\n", "=c\n", "--b", "--c").Replace(message)
}

const named = "Content-Type: application/octet-stream; name="

func TestUnpack(t *testing.T) {
	for _, c := range []struct {
		name, message string
		opt           UnpackOptions
		want          map[string]string
	}{
		{
			"names and encodings",
			attachments("Content-Type: text/plain", "hello",
				named+"a.txt", "A",
				"Content-Disposition: attachment; filename=\"b c.txt\"\nContent-Transfer-Encoding: base64", "Qg==",
				"Content-Type: text/html; name=c.html\nContent-Transfer-Encoding: quoted-printable", "=43=\n",
				"Content-Disposition: attachment; filename*=utf-8''%C3%A4.txt", "D",
				"Content-Disposition: attachment\nContent-Type: image/png", "E"),
			UnpackOptions{},
			map[string]string{"a.txt": "A", "b c.txt": "B", "c.html": "C", "ä.txt": "D", "part-6.png": "E"},
		},
		{
			"all leaves", attachments("Content-Type: text/plain", "hello", "Content-Type: text/html", "H"),
			UnpackOptions{FileOptions: FileOptions{All: true}},
			map[string]string{"part-1.txt": "hello", "part-2.html": "H"},
		},
		{
			"twins", attachments(named+"a.txt", "1", named+"A.txt", "2", named+"a.txt", "3", named+"a-1.txt", "4"),
			UnpackOptions{},
			map[string]string{"a.txt": "1", "A-1.txt": "2", "a-2.txt": "3", "a-1-1.txt": "4"},
		},
		{
			"an attached message is a file, and so are its", attachments(
				"Content-Type: message/rfc822; name=m.eml", inner(attachments(named+"in.txt", "in")),
				"Content-Type: message/rfc822", inner(attachments(named+"in2.txt", "in2"))),
			UnpackOptions{},
			map[string]string{"m.eml": inner(attachments(named+"in.txt", "in")), "in.txt": "in", "in2.txt": "in2"},
		},
		{
			"a message in base64", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" +
				string(wrapped([]byte(attachments(named+"in.txt", "in")), 76, "\n")),
			UnpackOptions{},
			map[string]string{"in.txt": "in"},
		},
		{
			"a message that is not in base64 as it says", "Content-Type: message/rfc822; name=m\nContent-Transfer-Encoding: base64\n\n" +
				attachments(named+"in.txt", "in"),
			UnpackOptions{},
			map[string]string{"in.txt": "in", "m": attachments(named+"in.txt", "in")},
		},
		{
			"too large", attachments(named+"a.txt", "1234", named+"b.txt", "12345"),
			UnpackOptions{MaxSize: 4},
			map[string]string{"a.txt": "1234"},
		},
		{
			"a match", attachments(named+"a.txt", "1", "Content-Type: application/pdf; name=b.pdf", "2"),
			UnpackOptions{Match: func(f *File) bool { return f.Type == "application/pdf" }},
			map[string]string{"b.pdf": "2"},
		},
		{
			"uuencode in a text", "\nlook:\nbegin 700 years ago\nno\nbegin 644 cat.txt\n#0V%T\n`\nend\nand\nbegin 644 short\n#0V%T\nrest\n",
			UnpackOptions{},
			map[string]string{"cat.txt": "Cat", "short": "Cat"},
		},
		{
			"yEnc in a text", "\nx\n=ybegin line=128 size=3 name=a b.bin\r\n\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2\r\nx\n",
			UnpackOptions{},
			map[string]string{"a b.bin": "abc"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got, err := unpackInto(t, t.TempDir(), strings.NewReader(c.message), c.opt)
			if err != nil {
				t.Error(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestUnpackPolicies(t *testing.T) {
	message := attachments(named+"a.txt", "new", named+"a.txt", "newer")
	for _, c := range []struct {
		policy Policy
		want   string
	}{
		{Rename, "map[a-1.txt:new a-2.txt:newer a.txt:old]"},
		{Overwrite, "map[a-1.txt:newer a.txt:new]"},
		{Skip, "map[a.txt:old]"},
	} {
		for _, dry := range []bool{true, false} {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			want := c.want
			if dry {
				want = "map[a.txt:old]"
			}
			_, got, err := unpackInto(t, dir, strings.NewReader(message), UnpackOptions{Exists: c.policy, DryRun: dry})
			if err != nil || fmt.Sprint(got) != want {
				t.Errorf("policy %d, dry run %v: %v, %v; want %s", c.policy, dry, got, err, want)
			}
		}
	}
}

// No name and no link leads out of the directory.
func TestUnpackStaysInside(t *testing.T) {
	outside := t.TempDir()
	victim := filepath.Join(outside, "victim")
	for _, policy := range []Policy{Rename, Overwrite, Skip} {
		dir := filepath.Join(t.TempDir(), "in")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(victim, []byte("whole"), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, target := range map[string]string{"link": victim, "dangling": filepath.Join(outside, "new"), "dir": outside} {
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		var parts []string
		for _, name := range []string{
			"link", "dangling", "dir", "dir/x", "../x", `..\x`, "/x", `"` + filepath.Join(outside, "y") + `"`, `"..\\..\\x"`, `"..%2fx"`,
			"=?utf-8?Q?=2E=2E=2Fx?=", `"=?utf-8?B?Li4veA==?="`, "..", ".", `"a/../../x"`, "'../x'", `"x` + "\x00" + `/../y"`,
			`"` + strings.Repeat("../", 1365) + "x\"",
		} {
			parts = append(parts, "Content-Disposition: attachment; filename="+name, "evil")
		}
		for _, params := range []string{
			"filename*0=\"..\"; filename*1=\"/x\"", "filename*0*=utf-8''..%2f; filename*1*=%2e%2e%2fx", "filename*=utf-8''%2e%2e%2fx",
			"filename*0=\".\"; filename*1=\".\"; filename*2=\"/\"; filename*3=x", "filename*=utf-16''%2e%00%2e%00%2f%00",
		} {
			parts = append(parts, "Content-Disposition: attachment; "+params, "evil")
		}
		if _, _, err := unpackInto(t, dir, strings.NewReader(attachments(parts...)), UnpackOptions{Exists: policy}); err != nil {
			t.Errorf("policy %d: %v", policy, err)
		}
		if got := fmt.Sprint(dirContent(t, outside)); got != "map[victim:whole]" {
			t.Errorf("policy %d: outside there is %s", policy, got)
		}
		if list, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(list) != 1 {
			t.Errorf("policy %d: beside the directory there is %v, %v", policy, list, err)
		}
	}
}

// A body that breaks off, at whatever octet, leaves no file under its name and no temporary one.
func TestUnpackWholeOrNot(t *testing.T) {
	message := attachments(named+"a.txt\nContent-Transfer-Encoding: base64", string(wrapped(bytes.Repeat([]byte("abc"), 100), 76, "\n")),
		named+"b.txt", "b", named+"c.txt", "x\nbegin 644 d\n#0V%T\n`\nend\n")
	broken := errors.New("broken")
	whole := []string{strings.Repeat("abc", 100), "b", "x\nbegin 644 d\n#0V%T\n`\nend\n"}
	for cut := range len(message) {
		r := io.MultiReader(strings.NewReader(message[:cut]), iotest.ErrReader(broken))
		_, got, err := unpackInto(t, t.TempDir(), r, UnpackOptions{})
		if !errors.Is(err, broken) {
			t.Fatalf("cut at %d: error %v", cut, err)
		}
		for name, content := range got {
			if !slices.Contains(whole, content) {
				t.Fatalf("cut at %d: %s has %q", cut, name, content)
			}
		}
	}
}

func TestUnpackManifest(t *testing.T) {
	message := attachments("Content-Type: image/png; name=\"=?utf-8?Q?=C3=A4?=.png\"\nContent-Disposition: inline\nContent-ID: <x@y>\n"+
		"Content-Description: =?utf-8?Q?=C3=B6?=\nContent-Transfer-Encoding: base64", "QUJ!D\n")
	entries, _, err := unpackInto(t, t.TempDir(), strings.NewReader(message), UnpackOptions{Hash: true})
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	e := entries[0]
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte("ABC")))
	if e.Path != "ä.png" || e.Name != "ä.png" || e.Type != "image/png" || e.Size != 3 || e.SHA256 != sum || e.Disposition != "inline" ||
		e.ContentID != "x@y" || e.Description != "ö" || e.Part != "1" {
		t.Errorf("%+v", e)
	}
	names := map[string]bool{}
	for _, d := range e.Defects {
		names[d.Name] = true
		if d.Where == "" {
			t.Errorf("%v has no place", d)
		}
	}
	if !names["base64-junk"] {
		t.Errorf("defects: %v", e.Defects)
	}
}

// 20,000 files of one name cost about as much as 20,000 different ones: the number of tries is what counts.
func TestUnpackSameNames(t *testing.T) {
	n := newNames()
	tries := 0
	for range 20_000 {
		n.candidates("a.txt", func(string) bool { tries++; return true })
	}
	if tries != 20_000 {
		t.Errorf("%d tries", tries)
	}
}
