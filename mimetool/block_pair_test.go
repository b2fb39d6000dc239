package mimetool

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// A long body that is decoded by pairs of blocks gives what it gives when it is read, and the same defects.
func TestDecodePairs(t *testing.T) {
	line := "Gr=C3=BC=C3=9Fe, und noch mehr davon=20\r\n"
	good := strings.Repeat(line, 5*pairBlock/len(line))
	bad, blank := "=ZZ and =4\n", "blanks  \t\r\n"
	for name, in := range map[string]string{
		"good":                   good,
		"one pair":               good[:3*pairBlock],
		"ends in a block's end":  good[:4*pairBlock],
		"bad in the first block": bad + good,
		"bad late":               good + bad,
		"bad, then blanks":       good[:pairBlock+pairBlock/2] + "\n" + bad + good + blank,
		"blanks, then bad":       good[:2*pairBlock+pairBlock/2] + "\n" + blank + strings.Repeat("x=\n", 100) + bad + good,
		"bad in both of a pair":  good[:pairBlock+pairBlock/4] + "\n" + bad + good[:pairBlock] + "\n" + bad + good,
		"one line":               good + strings.Repeat("=C3=BC", pairBlock) + "\n" + good,
		"one line to the end":    good + strings.Repeat("x", 3*pairBlock) + " ",
	} {
		t.Run(name, func(t *testing.T) {
			read := NewQPDecoder(strings.NewReader(in))
			want, err := io.ReadAll(struct{ io.Reader }{read})
			if err != nil {
				t.Fatal(err)
			}
			written := NewQPDecoder(iotest.HalfReader(strings.NewReader(in)))
			var got bytes.Buffer
			n, err := written.(io.WriterTo).WriteTo(&got)
			if err != nil || n != int64(len(want)) || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%d of %d octets, %v, or others", n, len(want), err)
			}
			if !reflect.DeepEqual(written.Defects(), read.Defects()) {
				t.Errorf("defects %v, not %v", written.Defects(), read.Defects())
			}
		})
	}
}

// What the reader or the writer fails with comes out, and nothing after it.
func TestDecodePairsFail(t *testing.T) {
	text := strings.Repeat("eine Zeile=20\n", pairBlock/2)
	broken := io.ErrUnexpectedEOF // which is not an end
	for _, at := range []int64{0, 10, pairBlock, 2*pairBlock + 10, 5*pairBlock - 7} {
		r := io.MultiReader(io.LimitReader(strings.NewReader(text), at), iotest.ErrReader(broken))
		if n, err := NewQPDecoder(r).(io.WriterTo).WriteTo(io.Discard); err != broken || n > at {
			t.Errorf("read up to %d: %d %v", at, n, err)
		}
		if _, err := NewQPDecoder(strings.NewReader(text)).(io.WriterTo).WriteTo(&failAfter{left: at, err: broken}); err != broken {
			t.Errorf("written up to %d: %v", at, err)
		}
	}
}
