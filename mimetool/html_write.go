package mimetool

import (
	"bufio"
	"io"
	"unicode/utf8"
)

// An htmlWriter sets text: white space collapsed, blocks apart, quotations and lists indented.
type htmlWriter struct {
	w   *bufio.Writer
	err error

	quote  int    // blockquotes around
	indent int    // columns
	mark   string // of a list's item, to be written before its first text
	pre    int    // elements around in which white space counts

	breaks int  // line ends before the next text
	blank  int  // blanks before the next text on the line
	bol    bool // the line is empty
	count  int  // characters written
	quoted int  // quote of the line written last

	listening bool
	sound     []byte // the text since listen, at most maxSound
}

// maxSound is how much of a link's text is compared with its address.
const maxSound = 256

// maxQuote bounds the marks before a line.
const maxQuote = 20

func newHTMLWriter(dst io.Writer) *htmlWriter {
	return &htmlWriter{w: bufio.NewWriterSize(dst, 32<<10), bol: true}
}

// text writes UTF-8 text.
func (w *htmlWriter) text(b []byte) {
	for len(b) > 0 {
		r, n := rune(b[0]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(b)
		}
		b = b[n:]
		w.rune(r)
	}
}

func (w *htmlWriter) rune(r rune) {
	switch r {
	case '\n':
		if w.pre > 0 {
			w.breaks++
			w.bol, w.blank = true, 0
			return
		}
		w.space()
	case ' ', '\t', '\r', '\f', 0xa0, 0x2007, 0x202f:
		w.space()
	case 0xad, 0x200b, 0x34f, 0xfeff, 0x2060, 0: // are not seen
	case 0x200c, 0x200d: // join letters; elsewhere they are filling
		if !w.bol && w.blank == 0 {
			w.put(r)
		}
	default:
		if r = cleanRune(r); r >= 0 {
			w.put(r)
		}
	}
}

// space is white space: one blank, in pre as many as there are.
func (w *htmlWriter) space() {
	if w.pre > 0 {
		w.blank++
	} else if !w.bol && w.blank == 0 {
		w.blank = 1
	}
}

// put writes a character that is seen.
func (w *htmlWriter) put(r rune) {
	if w.breaks > 0 || w.count == 0 {
		w.beginLine()
	}
	for ; w.blank > 0; w.blank-- {
		w.write(' ')
	}
	w.write(r)
	w.bol = false
	w.count++
}

func (w *htmlWriter) write(r rune) {
	if w.listening && len(w.sound) < maxSound {
		w.sound = utf8.AppendRune(w.sound, r)
	}
	if _, err := w.w.WriteRune(r); err != nil && w.err == nil {
		w.err = err
	}
}

// beginLine writes the line ends that are due, and what stands before the text of a line.
func (w *htmlWriter) beginLine() {
	if w.count > 0 {
		w.string("\n")
		for ; w.breaks > 1; w.breaks-- {
			w.marks(min(w.quoted, w.quote))
			w.string("\n")
		}
	}
	w.breaks, w.quoted = 0, w.quote
	if w.marks(w.quote) {
		w.string(" ")
	}
	if w.pre == 0 {
		w.blank = 0
	}
	pad := w.indent
	if w.mark != "" {
		pad -= 2 // the mark hangs out
	}
	for range pad {
		w.string(" ")
	}
	w.string(w.mark)
	w.mark = ""
}

// marks writes the marks of a quotation as RFC 3676 §4.5 has them.
func (w *htmlWriter) marks(n int) bool {
	for range min(n, maxQuote) {
		w.string(">")
	}
	return n > 0
}

func (w *htmlWriter) string(s string) {
	if _, err := w.w.WriteString(s); err != nil && w.err == nil {
		w.err = err
	}
}

// block asks for n line ends at least before the next text. An item's mark stays with its first text.
func (w *htmlWriter) block(n int) {
	if n == 0 || w.mark != "" {
		return
	}
	w.breaks = max(w.breaks, n)
	w.bol, w.blank = true, 0
}

// lineBreak asks for one line end more. More than one empty line says no more than one.
func (w *htmlWriter) lineBreak() {
	if w.mark != "" {
		return
	}
	w.breaks = min(w.breaks+1, 2)
	w.bol, w.blank = true, 0
}

// cell parts the cells of a table's row.
func (w *htmlWriter) cell() {
	if !w.bol {
		w.blank = 2
	}
}

// listen begins to gather what is written.
func (w *htmlWriter) listen(on bool) { w.listening, w.sound = on, w.sound[:0] }

// heard is what was written since listen.
func (w *htmlWriter) heard() string {
	w.listening = false
	return trimBlankString(string(w.sound))
}

// end writes the last line end.
func (w *htmlWriter) end() error {
	if w.count > 0 {
		w.string("\n")
	}
	if err := w.w.Flush(); err != nil && w.err == nil {
		w.err = err
	}
	return w.err
}
