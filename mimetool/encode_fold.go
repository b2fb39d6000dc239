package mimetool

import "strings"

// RFC 5322 §2.1.1: lines should be no longer than 78 characters. RFC 2047 §2: one with an encoded word no longer than 76.
const (
	foldWidth     = 78
	foldWidthWord = 76
)

// folder writes a header field and folds it: before a blank, where the next word would make the line too long.
type folder struct {
	b     []byte
	eol   string
	col   int
	words bool // the line has an encoded word in it
	first bool // nothing stands after the field's name yet
}

// newFolder begins a field. A name of "" makes a value alone.
func newFolder(name, eol string) *folder {
	f := &folder{eol: eol, first: true}
	if name != "" {
		f.b = append(append(f.b, name...), ':')
		f.col = len(f.b)
	}
	return f
}

// word writes s after the blanks ws, on a new line where the present one has no room. Words without blanks between
// them stay on one line.
func (f *folder) word(ws, s string) {
	width := foldWidth
	if f.words {
		width = foldWidthWord
	}
	if ws != "" && !f.first && f.col+len(ws)+len(s) > width {
		f.fold()
	}
	f.b = append(append(f.b, ws...), s...)
	f.col += len(ws) + len(s)
	f.first = false
}

func (f *folder) fold() {
	f.b = append(f.b, f.eol...)
	f.col, f.words = 0, false
}

// room is how many characters an encoded word may still take on this line after one blank.
func (f *folder) room() int { return foldWidthWord - f.col - 1 }

// encoded writes s, UTF-8, as encoded words after a blank ws.
func (f *folder) encoded(ws, s string) {
	s = strings.ToValidUTF8(s, "\uFFFD")
	q := betterAsQ(s)
	for s != "" {
		room := min(f.room(), encodedWordMax)
		if !f.first && room < encodedWordLeast {
			f.fold()
			room = encodedWordMax
		}
		n := runesThatFit(s, q, room-len(encodedWordFrame))
		w := encodeWord(s[:n], q)
		f.b = append(append(f.b, ws...), w...)
		f.col += len(ws) + len(w)
		f.words, f.first, ws = true, false, " "
		s = s[n:]
	}
}

// end ends the field and gives it.
func (f *folder) end() []byte { return append(f.b, f.eol...) }
