package mimetool

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// A long text that is encoded by pairs of blocks gives what it gives octet by octet, whatever stands at the cuts.
func TestQPPairs(t *testing.T) {
	lines := []string{"Größe  ", "From here", ".", "", "plain \t", strings.Repeat("länger ", 40), "mit CR\r", "a=b"}
	var text bytes.Buffer
	for i := 0; text.Len() < 5*pairBlock; i++ {
		text.WriteString(lines[i*i%len(lines)] + lines[i%len(lines)] + "\n")
	}
	for name, in := range map[string]string{
		"nothing": "", "short": "ä \n", "long": text.String(), "no line end": text.String() + "Ende ",
		"one block":   text.String()[:pairBlock],
		"a long line": text.String() + strings.Repeat("ö ", pairBlock) + "\n" + text.String(),
	} {
		t.Run(name, func(t *testing.T) {
			want, got := new(bytes.Buffer), new(bytes.Buffer)
			opt := EncodeOptions{Text: true, LineEnd: "\r\n"}
			one := newQPEncoder(want, opt)
			if _, err := io.Copy(struct{ io.Writer }{one}, strings.NewReader(in)); err != nil || one.Close() != nil {
				t.Fatal(err)
			}
			two := newQPEncoder(got, opt)
			n, err := two.(io.ReaderFrom).ReadFrom(iotest.HalfReader(strings.NewReader(in)))
			if err != nil || n != int64(len(in)) || two.Close() != nil {
				t.Fatal(n, err)
			}
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("%d octets, not %d, or others", got.Len(), want.Len())
			}
		})
	}
}

// What the reader or the writer fails with comes out.
func TestQPPairsFail(t *testing.T) {
	text := strings.Repeat("eine Zeile\n", pairBlock/2)
	broken := io.ErrUnexpectedEOF // which is not an end
	for _, at := range []int64{0, 10, pairBlock, pairBlock + 10, 3*pairBlock - 7} {
		enc := newQPEncoder(io.Discard, EncodeOptions{Text: true, LineEnd: "\n"})
		r := io.MultiReader(io.LimitReader(strings.NewReader(text), at), iotest.ErrReader(broken))
		if _, err := enc.(io.ReaderFrom).ReadFrom(r); !errors.Is(err, broken) {
			t.Errorf("read up to %d: %v", at, err)
		}
		enc = newQPEncoder(&failAfter{left: at, err: broken}, EncodeOptions{Text: true, LineEnd: "\n"})
		if _, err := enc.(io.ReaderFrom).ReadFrom(strings.NewReader(text)); !errors.Is(err, broken) {
			t.Errorf("written up to %d: %v", at, err)
		}
	}
}

// failAfter fails when more than left octets are written to it.
type failAfter struct {
	left int64
	err  error
}

func (f *failAfter) Write(p []byte) (int, error) {
	if f.left -= int64(len(p)); f.left < 0 {
		return 0, f.err
	}
	return len(p), nil
}
