package mimetool

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestUUDecode(t *testing.T) {
	for _, c := range []struct{ name, in, want, defects string }{
		{"one line", "begin 644 cat.txt\n#0V%T\n`\nend\n", "Cat", ""},
		{"a blank for zero, CRLF", "begin 644 a\r\n#   !\r\n \r\nend\r\n", "\x00\x00\x01", ""},
		{"before and after", "Hello\n\nbegin 0644 a b c\n#0V%T\n`\nend\nBye\n", "Cat", ""},
		{"blanks cut off", "begin 644 a\n#\n`\nend\n", "", "uu-junk"},
		{"some blanks cut off", "begin 644 a\n&0V%T\n`\nend\n", "Cat\x00\x00\x00", "uu-blanks-cut"},
		{"a checksum", "begin 644 a\n#0V%T!\n`\nend\n", "Cat", ""},
		{"no end", "begin 644 a\n#0V%T\n", "Cat", "uu-unended"},
		{"no end line", "begin 644 a\n#0V%T\n`\n\n\n", "Cat", ""},
		{"an empty line for the last", "begin 644 a\n#0V%T\n\nend\n", "Cat", ""},
		{"junk inside", "begin 644 a\n#0V%T\n~~~\n#0V%T\n`\nend\n", "CatCat", "uu-junk"},
		{"base64", "begin-base64 644 a\nQ2F0\nQ2F0Qw==\n====\n", "CatCatC", ""},
		{"nothing begins", "0V%T\n", "0V%T\n", "uu-begin-missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, defects := decodeAll(t, NewUUDecoder(iotest.OneByteReader(strings.NewReader(c.in))))
			if got != c.want || defects != c.defects {
				t.Errorf("got %q (%s), want %q (%s)", got, defects, c.want, c.defects)
			}
		})
	}
}

func TestYEncDecode(t *testing.T) {
	for _, c := range []struct{ name, in, want, defects string }{
		{"one line", "=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2\r\n", "abc", ""},
		{"escapes", "=ybegin line=128 size=2 name=a\n=\x40=}\n=yend size=2\n", "\xd6\x13", ""},
		{"a wrong CRC", "=ybegin line=128 size=3 name=a\n\x8b\x8c\x8d\n=yend size=3 crc32=00000000\n", "abc", "yenc-crc"},
		{"a wrong size", "=ybegin line=128 size=4 name=a\n\x8b\x8c\x8d\n=yend size=4\n", "abc", "yenc-size"},
		{"a part", "=ybegin part=2 line=128 size=9 name=a\n=ypart begin=4 end=6\n\x8b\x8c\x8d\n=yend size=3 part=2 pcrc32=352441c2 crc32=0\n", "abc", ""},
		{"no end", "=ybegin line=128 size=3 name=a\n\x8b\x8c", "ab", "yenc-unended"},
		{"nothing begins", "abc", "", "yenc-begin-missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, defects := decodeAll(t, NewYEncDecoder(strings.NewReader(c.in)))
			if got != c.want || defects != c.defects {
				t.Errorf("got %q (%s), want %q (%s)", got, defects, c.want, c.defects)
			}
		})
	}
}

// binHexed is a file in BinHex with both forks.
func binHexed(name, data, resource string) string {
	e := &binHexEncoder{last: -1}
	fork := func(s string) { // with its CRC
		var crc uint16
		for i := range len(s) {
			crc = crc16(crc, s[i])
		}
		e.octets([]byte(s + string([]byte{byte(crc >> 8), byte(crc)})))
	}
	length := func(s string) string {
		n := len(s)
		return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	}
	fork(string([]byte{byte(len(name))}) + name + "\x00TEXTttxt\x00\x00" + length(data) + length(resource))
	fork(data)
	fork(resource)
	e.endRun()
	if e.nbits > 0 {
		e.char(encodeBinHexChars[e.bits<<(6-e.nbits)&0x3f])
	}
	text := strings.NewReplacer("\r", "", "\n", "", ":", "").Replace(string(e.out))
	return binHexBanner + " 4.0)\n\n:" + string(bytes.Join(chunks([]byte(text), 64), []byte("\n"))) + ":\n"
}

func chunks(b []byte, n int) [][]byte {
	var list [][]byte
	for len(b) > n {
		list, b = append(list, b[:n]), b[n:]
	}
	return append(list, b)
}

func TestBinHexDecode(t *testing.T) {
	runs := "ab" + strings.Repeat("c", 300) + "\x90\x90\x90\x90" + strings.Repeat("\x90", 256) + "d"
	for _, c := range []struct{ data, resource string }{{"", ""}, {"hello", ""}, {"hello", "there"}, {runs, runs}, {strings.Repeat(runs, 500), "x"}} {
		text := "x\n" + binHexed("file", c.data, c.resource) + "after\n"
		d := NewBinHexDecoder(strings.NewReader(text))
		h, err := d.Header()
		if err != nil || h.Name != "file" || h.Type != "TEXT" || h.Creator != "ttxt" || h.Data != int64(len(c.data)) || h.Resource != int64(len(c.resource)) {
			t.Fatalf("header %+v, %v", h, err)
		}
		data, defects := decodeAll(t, d)
		resource, err := io.ReadAll(d.Resource())
		if err != nil || data != c.data || string(resource) != c.resource || defects != "" || len(d.Defects()) != 0 {
			t.Errorf("%d and %d octets: got %d and %d, %v, %v", len(c.data), len(c.resource), len(data), len(resource), d.Defects(), err)
		}
		want := fmt.Sprintf("1|file|application/octet-stream|binhex|%q|\n", c.data)
		if c.resource != "" {
			want += fmt.Sprintf("1|file.rsrc|application/octet-stream|binhexresource|%q|\n", c.resource)
		}
		if got := filesText(t, "\n"+text+"begin 644 cat\n#0V%T\n`\nend\n"); got != want+"1|cat|application/octet-stream|uuencode|\"Cat\"|\n" {
			t.Errorf("in a text: %s", got)
		}
	}
	for _, c := range []struct{ in, want, defects string }{
		{strings.Replace(binHexed("file", "hello", ""), "\n:", "\n: !", 1), "", "binhex-unended"},
		{binHexed("file", "hello", "")[:80], "", "binhex-unended"},
		{"nothing", "", "binhex-begin-missing"},
		{binHexBanner + " 4.0)\n:\"~\"\n", "", "binhex-unended binhex-junk"},
	} {
		got, defects := decodeAll(t, NewBinHexDecoder(strings.NewReader(c.in)))
		if !strings.Contains(defects, strings.Fields(c.defects)[0]) && !strings.Contains(defects, "crc") {
			t.Errorf("%q: got %q (%s), want %q (%s)", c.in, got, defects, c.want, c.defects)
		}
	}
}

// What our encoders write is read back.
func TestDecodeEncoded(t *testing.T) {
	contents := []string{"", "a", "line\r\nline\r\n", "\x00\x90\x90=.\n", strings.Repeat("0123456789\x90\xff\n", 20_000), strings.Repeat("=", 5000), strings.Repeat(" ", 5000)}
	for _, encoding := range []string{EncodingBase64, EncodingQP, EncodingUU, EncodingYEnc, EncodingBinHex} {
		for _, content := range contents {
			for _, eol := range []string{"\n", "\r\n"} {
				var text bytes.Buffer
				w, err := NewEncoder(&text, encoding, EncodeOptions{LineEnd: eol, Name: "file"})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.WriteString(w, content); err != nil {
					t.Fatal(err)
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				got, defects := decodeAll(t, NewDecoder(encoding, &text))
				if got != content || defects != "" {
					t.Errorf("%s of %d octets (%.20q): %d came (%.20q), %s", encoding, len(content), content, len(got), got, defects)
				}
			}
		}
	}
}

// A reader that breaks never looks like an end.
func TestDecodersPassErrorsOn(t *testing.T) {
	for _, encoding := range []string{EncodingBase64, EncodingQP, EncodingUU, EncodingYEnc, EncodingBinHex} {
		for _, begin := range []string{"", "begin 644 a\n#0V%T\n", "=ybegin line=1 size=3 name=a\nabc\n", binHexed("a", "b", "c")[:70]} {
			d := NewDecoder(encoding, io.MultiReader(strings.NewReader(begin), iotest.ErrReader(io.ErrClosedPipe)))
			if _, err := io.Copy(io.Discard, d); err != io.ErrClosedPipe {
				t.Errorf("%s after %.20q: error %v", encoding, begin, err)
			}
		}
	}
}

func FuzzEmbedded(f *testing.F) {
	f.Add([]byte("begin 644 a\n#0V%T\n`\nend\n"))
	f.Add([]byte("begin-base64 644 a\nQ2F0\n====\n"))
	f.Add([]byte("=ybegin line=128 size=3 name=a\n\x8b\x8c\x8d\n=yend size=3 crc32=352441c2\n"))
	f.Add([]byte(binHexed("a", "bbbbbbbbb", "c")))
	f.Fuzz(func(t *testing.T, b []byte) {
		filesText(t, "\n"+string(b))
		for _, encoding := range []string{EncodingUU, EncodingYEnc, EncodingBinHex} {
			whole, defects := decodeAll(t, NewDecoder(encoding, bytes.NewReader(b)))
			again, others := decodeAll(t, NewDecoder(encoding, iotest.OneByteReader(bytes.NewReader(b))))
			if whole != again || defects != others {
				t.Errorf("%s: %q (%s), octet by octet %q (%s)", encoding, whole, defects, again, others)
			}
		}
	})
}
