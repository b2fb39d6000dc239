package mimetool

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// ErrNot7bit is what the encoder of 7bit says of an octet above 127 (RFC 2045 §2.7).
var ErrNot7bit = errors.New("8-bit octet in what is to be 7bit")

// hasHighOctet says whether p is not ASCII.
func hasHighOctet(p []byte) bool {
	for len(p) >= 8 {
		if binary.NativeEndian.Uint64(p)&0x8080808080808080 != 0 {
			return true
		}
		p = p[8:]
	}
	for _, c := range p {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

const (
	qpLineChars = 76 // RFC 2045 §6.7(5), the soft line break's "=" included
	qpBlock     = 32 << 10
	hexUpper    = "0123456789ABCDEF"
)

// qpPlain has a bit for each octet that stands for itself (RFC 2045 §6.7(2) and (3)): printable ASCII but "=", and
// space and tab, which the end of a line forbids once more.
var qpPlain = [256]bool{
	'\t': true, ' ': true, '!': true, '"': true, '#': true, '$': true, '%': true, '&': true, '\'': true, '(': true,
	')': true, '*': true, '+': true, ',': true, '-': true, '.': true, '/': true,
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	':': true, ';': true, '<': true, '>': true, '?': true, '@': true,
	'A': true, 'B': true, 'C': true, 'D': true, 'E': true, 'F': true, 'G': true, 'H': true, 'I': true, 'J': true,
	'K': true, 'L': true, 'M': true, 'N': true, 'O': true, 'P': true, 'Q': true, 'R': true, 'S': true, 'T': true,
	'U': true, 'V': true, 'W': true, 'X': true, 'Y': true, 'Z': true,
	'[': true, '\\': true, ']': true, '^': true, '_': true, '`': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true, 'g': true, 'h': true, 'i': true, 'j': true,
	'k': true, 'l': true, 'm': true, 'n': true, 'o': true, 'p': true, 'q': true, 'r': true, 's': true, 't': true,
	'u': true, 'v': true, 'w': true, 'x': true, 'y': true, 'z': true,
	'{': true, '|': true, '}': true, '~': true,
}

// qpEncoder is quoted-printable (RFC 2045 §6.7). Beyond the RFC's need it quotes a dot and "From " at the start of a
// line, which careless hosts change.
type qpEncoder struct {
	w    io.Writer
	eol  string
	text bool
	in   []byte // octets that are not yet encoded: what ends a line is known only with those that follow
	out  []byte
	col  int
	// chars are the characters of each octet, the first in the lowest eight bits, and in the highest their number; of CR
	// and LF one for which no line has room.
	chars [256]uint32
	lf    bool // binary content's last octet was a LF: the next one begins a new line of the encoding too
	err   error
}

func newQPEncoder(w io.Writer, opt EncodeOptions) io.WriteCloser {
	e := &qpEncoder{w: w, eol: opt.LineEnd, text: opt.Text, in: make([]byte, 0, qpBlock)}
	for i := range e.chars {
		switch c := byte(i); {
		case qpPlain[c]:
			e.chars[i] = 1<<24 | uint32(c)
		case c == '\r' || c == '\n':
			e.chars[i] = 0xff << 24
		default:
			e.chars[i] = 3<<24 | uint32(hexUpper[c&15])<<16 | uint32(hexUpper[c>>4])<<8 | '='
		}
	}
	return e
}

func (e *qpEncoder) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && e.err == nil {
		k := min(len(p), cap(e.in)-len(e.in))
		e.in, p = append(e.in, p[:k]...), p[k:]
		if len(e.in) == cap(e.in) {
			e.flush(len(e.in) - qpLookahead)
		}
	}
	return n - len(p), e.err
}

// qpLookahead is how many octets after one must be there to encode it: "From " at the start of a line.
const qpLookahead = 5

// flush encodes the first n octets of in and writes them; a CR LF that straddles n goes whole. A blank that may turn
// out to end its line stays in out.
func (e *qpEncoder) flush(n int) {
	used := e.encode(e.in, n)
	e.in = append(e.in[:0], e.in[used:]...)
	k := len(e.out)
	if k > 0 && (e.out[k-1] == ' ' || e.out[k-1] == '\t') {
		k--
	}
	_, e.err = e.w.Write(e.out[:k])
	e.out = append(e.out[:0], e.out[k:]...)
}

// encode appends in's octets up to at least n to out and returns how many it took.
func (e *qpEncoder) encode(in []byte, n int) int {
	i := 0
	for i < n {
		if e.col == 0 && !e.lf && quotedAtLineStart(in[i:]) {
			e.quote(in[i])
			i++
		}
		if i += e.middle(in[i:max(i, n)]); i < n {
			i += e.edge(in[i:])
		}
	}
	return i
}

// middle encodes what the line has room for before its soft break, up to a line end, and returns how much that is. It is
// the loop that nearly all octets go through.
func (e *qpEncoder) middle(in []byte) int {
	if e.lf {
		return 0
	}
	out := slices.Grow(e.out, qpLineChars+8)
	o := len(out)
	line := out[o : o+qpLineChars+8]
	room := qpLineChars - 1 - e.col
	i, k := 0, 0
	for ; i < len(in); i++ {
		v := e.chars[in[i]]
		next := k + int(v>>24)
		if next > room {
			break
		}
		// Four characters are written, of which the next overwrites those that do not count: no branch on the octet.
		binary.LittleEndian.PutUint32(line[k:], v)
		k = next
	}
	e.out, e.col = out[:o+k], e.col+k
	return i
}

// edge encodes one octet, or a line end, where a line ends or may have to.
func (e *qpEncoder) edge(in []byte) int {
	c := in[0]
	switch {
	case e.lf || e.col+qpWidth(c) > qpLineChars-1 && !e.lineEnd(in):
		e.lf = false
		e.softBreak()
		return 0
	case e.text && c == '\n':
		e.hardBreak()
	case e.text && c == '\r' && e.lineEnd(in):
		e.hardBreak()
		return 2
	case qpPlain[c]:
		e.out = append(e.out, c)
		e.col++
	default:
		e.quote(c)
		e.lf = c == '\n'
	}
	return 1
}

// lineEnd says whether the text has a line end here.
func (e *qpEncoder) lineEnd(in []byte) bool {
	return e.text && (in[0] == '\n' || in[0] == '\r' && len(in) > 1 && in[1] == '\n')
}

// qpWidth is the number of characters that c takes where it is not at the start of a line.
func qpWidth(c byte) int {
	if qpPlain[c] {
		return 1
	}
	return 3
}

// quotedAtLineStart says whether line begins with a dot, which SMTP stuffs, or with what mbox files quote.
func quotedAtLineStart(line []byte) bool {
	return len(line) > 0 && (line[0] == '.' || line[0] == 'F' && len(line) >= 5 && string(line[:5]) == "From ")
}

func (e *qpEncoder) quote(c byte) {
	e.out = append(e.out, '=', hexUpper[c>>4], hexUpper[c&15])
	e.col += 3
}

func (e *qpEncoder) softBreak() {
	e.out = append(append(e.out, '='), e.eol...)
	e.col = 0
}

// hardBreak ends a line of the text. RFC 2045 §6.7(3): white space before it is quoted.
func (e *qpEncoder) hardBreak() {
	e.quoteBlank()
	e.out = append(e.out, e.eol...)
	e.col = 0
}

// quoteBlank quotes the white space that the line ends with.
func (e *qpEncoder) quoteBlank() {
	k := len(e.out) - 1
	if e.col == 0 || k < 0 || e.out[k] != ' ' && e.out[k] != '\t' {
		return
	}
	c := e.out[k]
	e.out = e.out[:k]
	if e.col--; e.col+3 > qpLineChars {
		e.softBreak()
	}
	e.quote(c)
}

func (e *qpEncoder) Close() error {
	if e.err == nil {
		e.encode(e.in, len(e.in))
		e.in = e.in[:0]
		e.quoteBlank()
		_, e.err = e.w.Write(e.out)
	}
	return e.err
}
