package mimetool

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
)

// A tnefBuilder writes TNEF (MS-OXTNEF §2.1).
type tnefBuilder struct{ b []byte }

func newTNEF() *tnefBuilder {
	t := &tnefBuilder{binary.LittleEndian.AppendUint32(nil, tnefSignature)}
	t.b = append(t.b, 1, 0)
	return t
}

func (t *tnefBuilder) attribute(level byte, id uint32, data string) *tnefBuilder {
	t.b = append(t.b, level)
	t.b = binary.LittleEndian.AppendUint32(t.b, id)
	t.b = binary.LittleEndian.AppendUint32(t.b, uint32(len(data)))
	t.b = append(t.b, data...)
	var sum uint16
	for i := range len(data) {
		sum += uint16(data[i])
	}
	t.b = binary.LittleEndian.AppendUint16(t.b, sum)
	return t
}

func (t *tnefBuilder) file(title, data string) *tnefBuilder {
	return t.attribute(2, tnefRendering, strings.Repeat("\x00", 14)).attribute(2, tnefTitle, title+"\x00").attribute(2, tnefData, data)
}

// tnefProperty is a property of variable length, tnefPropertyList a list of them.
func tnefProperty(id, kind uint32, value string) string {
	b := binary.LittleEndian.AppendUint32(nil, id<<16|kind)
	if id >= 0x8000 {
		b = append(b, make([]byte, 16+8)...)
	}
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	b = append(b, value...)
	return string(b) + strings.Repeat("\x00", -len(value)&3)
}

func tnefPropertyList(list ...string) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(len(list)))) + strings.Join(list, "")
}

// filesText is the files of a message as text.
func filesText(t testing.TB, message string) string {
	t.Helper()
	var out strings.Builder
	for f, err := range Files(strings.NewReader(message), FileOptions{}) {
		if err != nil {
			fmt.Fprintf(&out, "error %v\n", err)
			break
		}
		body, err := io.ReadAll(f.Body)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s|%s|%s|%s%s|%q|", f.Part, f.Name, f.Type, f.Within, f.Fork, body)
		for _, d := range f.Defects() {
			fmt.Fprintf(&out, "%s ", d.Name)
		}
		fmt.Fprintln(&out)
	}
	return out.String()
}

func tnefMessage(content []byte) string {
	return "Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n" + string(wrapped(content, 76, "\n"))
}

func TestTNEF(t *testing.T) {
	utf16 := func(s string) string {
		var b []byte
		for _, r := range s {
			b = binary.LittleEndian.AppendUint16(b, uint16(r))
		}
		return string(b)
	}
	message := newTNEF().file("in.txt", "IN").b
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"two files", newTNEF().attribute(1, 0x00008009, "x").file("a.txt", "A").file("b.txt", "B").b, "a.txt||A\nb.txt||B\n"},
		{
			"long name and type", newTNEF().file("LONGNA~1.TXT", "A").attribute(2, tnefAttachment, tnefPropertyList(
				tnefProperty(0x8001, tnefUnicode, "x"), tnefProperty(tnefLongFilename, tnefUnicode, utf16("Längerer Name.txt\x00")),
				tnefProperty(tnefMimeTag, tnefString8, "text/plain\x00"))).b,
			"Längerer Name.txt|text/plain|A\n",
		},
		{"codepage", newTNEF().attribute(1, tnefCodepage, "\xe3\x04\x00\x00\x00\x00\x00\x00").file("\xe4.txt", "A").b, "д.txt||A\n"},
		{
			"a message", newTNEF().attribute(2, tnefRendering, "").attribute(2, tnefAttachment, tnefPropertyList(
				tnefProperty(tnefDataObject, tnefObject, "\x07\x03\x02\x00"+strings.Repeat("\x00", 12)+string(message)))).b,
			"in.txt||IN\n",
		},
		{"cut short", newTNEF().file("a.txt", "A").file("b.txt", "BBBBBBBB").b[:80], "a.txt||A|tnef-damaged \n"},
		{"nothing", nil, ""},
		{"no TNEF", []byte("hello, world"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want strings.Builder
			for line := range strings.Lines(c.want) {
				f := append(strings.Split(strings.TrimRight(line, "\n"), "|"), "")
				if f[1] == "" {
					f[1] = "application/octet-stream"
				}
				fmt.Fprintf(&want, "1|%s|%s|tnef|%q|%s\n", f[0], f[1], f[2], f[3])
			}
			if got := filesText(t, tnefMessage(c.content)); got != want.String() {
				t.Errorf("got\n%swant\n%s", got, want.String())
			}
		})
	}
	damaged := newTNEF().file("a.txt", "A").b
	damaged[len(damaged)-3]++
	if got := filesText(t, tnefMessage(damaged)); !strings.Contains(got, "tnef-checksum") {
		t.Errorf("a wrong checksum: %s", got)
	}
}

func FuzzTNEF(f *testing.F) {
	f.Add(newTNEF().file("a", "b").b)
	f.Add(newTNEF().file("a", "b").attribute(2, tnefAttachment, tnefPropertyList(tnefProperty(tnefLongFilename, tnefUnicode, "x\x00"))).b)
	f.Add(newTNEF().attribute(2, tnefRendering, "").attribute(2, tnefAttachment,
		tnefPropertyList(tnefProperty(tnefDataObject, tnefObject, "\x07\x03\x02\x00"+strings.Repeat("\x00", 12)+string(newTNEF().b)))).b)
	f.Fuzz(func(t *testing.T, b []byte) { filesText(t, tnefMessage(b)) })
}
