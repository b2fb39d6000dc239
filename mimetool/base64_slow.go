package mimetool

import "bytes"

// slow decodes a block line by line, whatever is in it.
func (c *base64Codec) slow(dst, src []byte) int {
	c.room(0)
	n, at := 0, c.off
	for len(src) > 0 {
		line := src
		if i := bytes.IndexByte(src, '\n'); i >= 0 {
			line = src[:i+1]
		}
		n += c.line(dst[n:], line, at)
		at += int64(len(line))
		src = src[len(line):]
	}
	return n
}

// line decodes one line. After padding only one that is whole groups of base64 counts.
func (c *base64Codec) line(dst, line []byte, at int64) int {
	if text := trimBlanks(line); c.padded && len(bytes.Trim(text, "=")) > 0 {
		if !wholeGroups(text) {
			c.defect(base64Trailing, at)
			return 0
		}
		c.padded = false
		c.defect(base64Concatenated, at)
	}
	n := 0
	group := c.text[:4]
	for i, ch := range line {
		v := base64Values[ch]
		switch {
		case v != 0:
			if ch == '-' || ch == '_' {
				c.defect(base64URL, at+int64(i))
			}
			if c.padded { // another padded group on the same line
				c.padded = false
				c.defect(base64Concatenated, at+int64(i))
			}
			group[c.kept] = ch
			if c.kept++; c.kept == 4 {
				n += decodeGroup(dst[n:], group)
				c.kept = 0
			}
		case ch == '=':
			n += c.pad(dst[n:], at+int64(i))
		case !isBlank(ch):
			c.defect(base64Junk, at+int64(i))
		}
	}
	return n
}

// pad ends a group at its padding. The second sign of two finds nothing left to end.
func (c *base64Codec) pad(dst []byte, at int64) int {
	if c.kept < 2 {
		if !c.padded {
			c.defect(base64Junk, at)
		}
		return 0
	}
	n := c.group(dst, c.text[:c.kept])
	c.kept, c.padded = 0, true
	return n
}

func decodeGroup(dst, text []byte) int {
	v := uint32(base64Values[text[0]]-1)<<18 | uint32(base64Values[text[1]]-1)<<12 |
		uint32(base64Values[text[2]]-1)<<6 | uint32(base64Values[text[3]]-1)
	dst[0], dst[1], dst[2] = byte(v>>16), byte(v>>8), byte(v)
	return 3
}

// wholeGroups tells whether a line is base64 groups throughout, padding at the end of it.
func wholeGroups(line []byte) bool {
	if len(line)%4 != 0 {
		return false
	}
	for _, ch := range bytes.TrimRight(line, "=") {
		if base64Values[ch] == 0 || ch == '_' || ch == '-' { // these draw lines, too
			return false
		}
	}
	return true
}

// The kinds of defects.
const (
	base64Junk = iota
	base64Padding
	base64Truncated
	base64Concatenated
	base64Trailing
	base64URL
	base64Kinds
)

func (c *base64Codec) defect(kind int, at int64) {
	if c.said[kind] {
		return
	}
	c.said[kind] = true
	d := Defect{Ref: base64Ref, Offset: at}
	switch kind {
	case base64Junk:
		d.Name, d.Guess = "base64-junk", true
	case base64Padding:
		d.Name = "base64-padding"
	case base64Truncated:
		d.Name, d.Guess = "base64-truncated", true
	case base64Concatenated:
		d.Name = "base64-concatenated"
	case base64Trailing:
		d.Name = "base64-trailing"
	case base64URL:
		d.Name, d.Ref = "base64-url", "RFC 4648 §5"
	}
	c.defects = addDefect(c.defects, d)
}

// base64Values are the values of the characters of both alphabets, one higher; 0: not in one.
var base64Values = [256]byte{
	'A': 1, 'B': 2, 'C': 3, 'D': 4, 'E': 5, 'F': 6, 'G': 7, 'H': 8, 'I': 9, 'J': 10, 'K': 11, 'L': 12, 'M': 13,
	'N': 14, 'O': 15, 'P': 16, 'Q': 17, 'R': 18, 'S': 19, 'T': 20, 'U': 21, 'V': 22, 'W': 23, 'X': 24, 'Y': 25, 'Z': 26,
	'a': 27, 'b': 28, 'c': 29, 'd': 30, 'e': 31, 'f': 32, 'g': 33, 'h': 34, 'i': 35, 'j': 36, 'k': 37, 'l': 38, 'm': 39,
	'n': 40, 'o': 41, 'p': 42, 'q': 43, 'r': 44, 's': 45, 't': 46, 'u': 47, 'v': 48, 'w': 49, 'x': 50, 'y': 51, 'z': 52,
	'0': 53, '1': 54, '2': 55, '3': 56, '4': 57, '5': 58, '6': 59, '7': 60, '8': 61, '9': 62, '+': 63, '/': 64,
	'-': 63, '_': 64,
}
