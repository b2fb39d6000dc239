package mimetool

import (
	"bufio"
	"bytes"
	"html"
	"io"
	"unicode/utf8"
)

// An htmlKind is a kind of token.
type htmlKind int

const (
	htmlNothing htmlKind = iota
	htmlText
	htmlStart
	htmlEnd
)

// An htmlTokenizer cuts HTML into tokens as browsers do (HTML Standard §13.2.5, without what makes no difference to the
// text), in one pass; nothing is held but a piece of text and one attribute. The libraries to be had hold a whole tag,
// comment or script, and build their table of entities at every start of the program.
type htmlTokenizer struct {
	r    *bufio.Reader
	text []byte         // of a text token, entities undone
	name string         // of a tag, in lower case
	attr htmlAttributes // of a start tag

	held   []byte // text that is not yet given
	opened bool   // a "<" was read
}

func newHTMLTokenizer(r io.Reader) *htmlTokenizer {
	return &htmlTokenizer{r: bufio.NewReaderSize(r, 16<<10)}
}

// next reads a token. Text may come in pieces. A tag or a comment that does not end is dropped.
func (z *htmlTokenizer) next() (htmlKind, error) {
	for {
		if !z.opened {
			if given, err := z.readText(); given || err != nil {
				return htmlText, err
			}
		}
		z.opened = false
		if kind, err := z.markup(); kind != htmlNothing || err != nil {
			return kind, err
		}
	}
}

// readText reads up to a "<". It tells whether there is text to be given.
func (z *htmlTokenizer) readText() (bool, error) {
	b, err := z.r.ReadSlice('<')
	if err == nil {
		b = b[:len(b)-1]
		z.opened = true
	}
	z.held = append(z.held, b...)
	n := len(z.held)
	if err == bufio.ErrBufferFull {
		n = uncut(z.held)
	}
	if n == 0 {
		return false, err
	}
	z.text = append(z.text[:0], z.held[:n]...)
	z.held = z.held[:copy(z.held, z.held[n:])]
	if bytes.IndexByte(z.text, '&') >= 0 {
		z.text = append(z.text[:0], html.UnescapeString(string(z.text))...)
	}
	return true, nil
}

// maxEntity is longer than any entity's name.
const maxEntity = 40

// uncut is how much of b ends neither within an entity nor within a character.
func uncut(b []byte) int {
	n := len(b)
	tail := max(0, n-maxEntity)
	if i := bytes.LastIndexByte(b[tail:], '&'); i >= 0 && bytes.IndexByte(b[tail+i:], ';') < 0 {
		return tail + i
	}
	for i := 1; i < utf8.UTFMax && i <= n; i++ {
		if utf8.RuneStart(b[n-i]) {
			if !utf8.FullRune(b[n-i:]) {
				n -= i
			}
			break
		}
	}
	return n
}

// markup reads what the "<" begins. htmlNothing: a comment or the like, or the "<" is text.
func (z *htmlTokenizer) markup() (htmlKind, error) {
	c, err := z.r.ReadByte()
	switch {
	case err != nil || !isLetter(c) && c != '/' && c != '!' && c != '?':
		z.held = append(z.held, '<')
		if err == nil {
			z.r.UnreadByte()
		}
		return htmlNothing, nil // a read error comes again
	case isLetter(c):
		z.r.UnreadByte()
		z.attr = htmlAttributes{}
		return htmlStart, z.tag(true)
	case c == '/':
		return z.endTag()
	case c == '!':
		if b, _ := z.r.Peek(2); string(b) == "--" {
			z.r.Discard(2)
			return htmlNothing, z.comment()
		}
	}
	return htmlNothing, z.skipPast('>')
}

// endTag reads from the slash on.
func (z *htmlTokenizer) endTag() (htmlKind, error) {
	c, err := z.r.ReadByte()
	switch {
	case err != nil:
		return htmlNothing, err
	case c == '>':
		return htmlNothing, nil
	case isLetter(c):
		z.r.UnreadByte()
		return htmlEnd, z.tag(false)
	}
	return htmlNothing, z.skipPast('>')
}

func (z *htmlTokenizer) skipPast(c byte) error {
	for {
		if _, err := z.r.ReadSlice(c); err != bufio.ErrBufferFull {
			return err
		}
	}
}

// comment passes over a comment, of which "<!--" was read: "-->", "--!>" and an abrupt ">" end it.
func (z *htmlTokenizer) comment() error {
	dashes, bang := 2, false
	for {
		c, err := z.r.ReadByte()
		if err != nil {
			return err
		}
		switch {
		case c == '>' && (dashes >= 2 || bang):
			return nil
		case c == '-':
			dashes++
			bang = false
		default:
			bang = c == '!' && dashes >= 2
			dashes = 0
		}
	}
}

// skipRaw passes over the content of an element that has no markup in it but its end tag (HTML Standard §13.2.5.4), and
// over that.
func (z *htmlTokenizer) skipRaw(name string) error {
	for {
		if err := z.skipPast('<'); err != nil {
			return err
		}
		b, _ := z.r.Peek(len(name) + 2)
		if len(b) < len(name)+2 || b[0] != '/' || !bytes.EqualFold(b[1:1+len(name)], []byte(name)) {
			continue
		}
		if c := b[len(b)-1]; isHTMLSpace(c) || c == '/' || c == '>' {
			z.r.Discard(1)
			return z.tag(false)
		}
	}
}

func isHTMLSpace(c byte) bool { return isBlank(c) || c == '\f' }
