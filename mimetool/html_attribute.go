package mimetool

import (
	"bytes"
	"html"
	"strings"
)

// Limits of what is held of a tag. What is longer means nothing to a reader: pictures in the address of a picture.
const (
	maxHTMLName  = 32
	maxHTMLValue = 2048
)

// htmlAttributes are those that matter here.
type htmlAttributes struct {
	href, alt, style, class, start string
	hidden                         bool
	closed                         bool // the tag ends with "/>"
}

// set takes an attribute. The first of a name counts.
func (a *htmlAttributes) set(name, value string) {
	place := (*string)(nil)
	switch name {
	case "href":
		place = &a.href
	case "alt":
		place = &a.alt
	case "style":
		place = &a.style
	case "class":
		place = &a.class
	case "start":
		place = &a.start
	case "hidden":
		a.hidden = true
	}
	if place != nil && *place == "" {
		*place = html.UnescapeString(value)
	}
}

// hides tells whether the element is not shown.
func (a *htmlAttributes) hides() bool {
	if a.hidden || a.style == "" {
		return a.hidden
	}
	style := strings.ToLower(strings.ReplaceAll(a.style, " ", ""))
	return strings.Contains(style, "display:none") || strings.Contains(style, "mso-hide:all")
}

// isTight tells whether a paragraph has no space around it, as those of Outlook have none.
func (a *htmlAttributes) isTight() bool {
	style := strings.ToLower(strings.ReplaceAll(a.style, " ", ""))
	return a.class == "MsoNormal" || strings.Contains(style, "margin:0") || strings.Contains(style, "margin-bottom:0")
}

// tag reads a tag from its name on, to its end.
func (z *htmlTokenizer) tag(wanted bool) error {
	name, err := z.word(">/", maxHTMLName)
	if err != nil {
		return err
	}
	z.name = string(bytes.ToLower(name))
	for {
		c, err := z.skipSpaces()
		if err != nil {
			return err
		}
		z.r.ReadByte()
		switch c {
		case '>':
			return nil
		case '/':
			b, err := z.r.Peek(1)
			if err != nil {
				return err
			}
			z.attr.closed = b[0] == '>'
		default:
			z.r.UnreadByte()
			if err := z.attribute(wanted); err != nil {
				return err
			}
		}
	}
}

// skipSpaces passes over white space. It gives the octet after it, which is not read.
func (z *htmlTokenizer) skipSpaces() (byte, error) {
	for {
		b, err := z.r.Peek(1)
		if err != nil || !isHTMLSpace(b[0]) {
			if err != nil {
				return 0, err
			}
			return b[0], nil
		}
		z.r.ReadByte()
	}
}

// word reads up to white space or one of the ends, of which none is read. It holds limit octets; what it gives is valid
// until the next reading.
func (z *htmlTokenizer) word(ends string, limit int) ([]byte, error) {
	z.text = z.text[:0]
	for {
		c, err := z.r.ReadByte()
		if err != nil {
			return nil, err
		}
		if isHTMLSpace(c) || strings.IndexByte(ends, c) >= 0 {
			return z.text, z.r.UnreadByte()
		}
		if len(z.text) < limit {
			z.text = append(z.text, c)
		}
	}
}

// attribute reads a name, and its value if it has one.
func (z *htmlTokenizer) attribute(wanted bool) error {
	first, _ := z.r.ReadByte() // an attribute may begin with "="
	b, err := z.word("=>/", maxHTMLName)
	if err != nil {
		return err
	}
	var block [maxHTMLName + 1]byte
	name := bytes.ToLower(append(append(block[:0], first), b...))
	c, err := z.skipSpaces()
	if err != nil {
		return err
	}
	if c != '=' {
		if wanted {
			z.attr.set(string(name), "")
		}
		return nil
	}
	z.r.ReadByte()
	value, err := z.value()
	if err == nil && wanted && len(value) <= maxHTMLValue {
		z.attr.set(string(name), string(value))
	}
	return err
}

// value reads an attribute's value after "=", one octet more than it may have at most.
func (z *htmlTokenizer) value() ([]byte, error) {
	c, err := z.skipSpaces()
	if err != nil {
		return nil, err
	}
	if c != '"' && c != '\'' {
		return z.word(">", maxHTMLValue+1)
	}
	z.r.ReadByte()
	z.text = z.text[:0]
	for {
		b, err := z.r.ReadByte()
		if err != nil {
			return nil, err
		}
		if b == c {
			return z.text, nil
		}
		if len(z.text) <= maxHTMLValue {
			z.text = append(z.text, b)
		}
	}
}
