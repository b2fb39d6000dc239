package query

import (
	"strings"
	"unicode"
)

// fold makes texts the same that differ in case alone (Unicode's simple case folding).
func fold(s string) string { return strings.Map(foldRune, s) }

func foldRune(r rune) rune {
	if r < 0x80 {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	if least < 0x80 {
		return foldRune(least)
	}
	return least
}
