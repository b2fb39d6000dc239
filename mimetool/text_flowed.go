package mimetool

import (
	"bufio"
	"bytes"
	"io"
)

// UnfoldFlowed writes text of format=flowed with its paragraphs on one line each (RFC 3676). src has LF or CR LF at line
// ends, dst gets LF. Quoted paragraphs begin with their ">" marks and a blank. delSp is the parameter DelSp=yes: the
// blank at the end of a flowed line is not part of the text. Lines of any length cost no more memory.
func UnfoldFlowed(dst io.Writer, src io.Reader, delSp bool) error {
	f := flowed{w: bufio.NewWriter(dst), delSp: delSp}
	r := bufio.NewReaderSize(src, 16<<10)
	for {
		piece, err := r.ReadSlice('\n')
		f.piece(piece, err == nil)
		if err == io.EOF {
			if f.inLine {
				f.endLine()
			}
			f.endParagraph()
			return f.w.Flush()
		}
		if err != nil && err != bufio.ErrBufferFull {
			return err
		}
	}
}

// A flowed undoes format=flowed. A bufio.Writer keeps the first error for Flush.
type flowed struct {
	w     *bufio.Writer
	delSp bool

	depth  int    // of the paragraph
	open   bool   // a paragraph is: its last line was flowed
	inLine bool   // a line has begun and not ended
	held   []byte // the end of the line so far, which may be its blank and CR
	fixed  bool   // the line is "-- ": a signature's, never flowed
}

// piece takes a line or a piece of a long one; whole: its end is there.
func (f *flowed) piece(b []byte, whole bool) {
	if len(b) == 0 {
		return
	}
	if !f.inLine {
		f.inLine = true
		b = f.beginLine(b)
	}
	f.held = append(f.held, b...)
	if whole {
		f.held = f.held[:len(f.held)-1]
		f.endLine()
		return
	}
	keep := min(len(f.held), 2) // a blank and a CR
	f.w.Write(f.held[:len(f.held)-keep])
	f.held = append(f.held[:0], f.held[len(f.held)-keep:]...)
}

// beginLine takes the quote marks and the stuffed blank off (RFC 3676 §4.4, §4.5), and begins a paragraph unless the
// line goes on with one.
func (f *flowed) beginLine(b []byte) []byte {
	depth := 0
	for depth < len(b) && b[depth] == '>' {
		depth++
	}
	text := b[depth:]
	if len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	line := bytes.TrimRight(text, "\r\n")
	f.fixed = string(line) == "-- "
	// RFC 3676 §4.5: another depth ends the paragraph, as does a signature's line (§4.3).
	if f.open && (depth != f.depth || f.fixed) {
		f.endParagraph()
	}
	if !f.open {
		f.depth = depth
		for range depth {
			f.w.WriteByte('>')
		}
		if depth > 0 && len(line) > 0 {
			f.w.WriteByte(' ')
		}
	}
	return text
}

// endLine writes the end of a line. A line is flowed when it ends with a blank (RFC 3676 §4.2).
func (f *flowed) endLine() {
	line := bytes.TrimSuffix(f.held, []byte("\r"))
	f.open = len(line) > 0 && line[len(line)-1] == ' ' && !f.fixed
	if f.open && f.delSp {
		line = line[:len(line)-1]
	}
	f.w.Write(line)
	f.held, f.inLine = f.held[:0], false
	if !f.open {
		f.w.WriteByte('\n')
	}
}

// endParagraph ends a paragraph whose last line was flowed.
func (f *flowed) endParagraph() {
	if f.open {
		f.w.WriteByte('\n')
		f.open = false
	}
}
