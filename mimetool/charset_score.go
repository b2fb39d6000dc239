package mimetool

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// guessSample is the number of octets that are scored for each charset.
const guessSample = 4 << 10

// guessCharset is the charset in which b looks most like text. b is not UTF-8.
func guessCharset(b []byte) charset {
	b = sampleAround(b)
	best, bestScore := latinCharset(), 0.3
	for _, model := range guessModels() {
		if score, ok := model.score(model.decode(b)); ok && score > bestScore {
			best, bestScore = model.charset, score
		}
	}
	return best
}

// sampleAround is the piece of b that is scored: it begins shortly before the first octet that is not ASCII, with a word.
func sampleAround(b []byte) []byte {
	first := 0
	for first < len(b) && b[first] < utf8.RuneSelf {
		first++
	}
	start := max(0, first-64)
	for start > 0 && start < first && !isBlank(b[start-1]) {
		start++
	}
	b = b[start:]
	if len(b) <= guessSample {
		return b
	}
	// The end may be within a character: it is cut where ASCII stands.
	end := guessSample
	for end > guessSample/2 && b[end-1] >= '@' {
		end--
	}
	return b[:end]
}

// score is how much each character beyond ASCII looks like one of the model's languages, on the average. False: the text
// has what none has in that charset.
func (m *guessModel) score(text string) (float64, bool) {
	total, n, bad, run := 0.0, 0, 0, 0
	previous := rune(' ')
	for i, r := range text {
		if r < utf8.RuneSelf {
			run, previous = 0, r
			continue
		}
		n++
		run++
		if r == utf8.RuneError || cleanRune(r) != r {
			bad++
		}
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		total += m.rune(r, previous, next, run)
		previous = r
	}
	// One character alone is an accent sooner than a language; a large sample may have an accident.
	if n == 0 || n == 1 && m.script != latinScript || bad > n/200 {
		return 0, false
	}
	if m.needs != "" && !strings.ContainsAny(text, m.needs) {
		total -= float64(n) / 2
	}
	return total / float64(n), true
}

// rune is the score of one character beyond ASCII between its neighbours, the run-th without ASCII between.
func (m *guessModel) rune(r, previous, next rune, run int) float64 {
	score := m.weight(r)
	switch m.script {
	case latinScript:
		if run > 2 {
			score -= 3
		}
	case otherScript:
		if isASCIILetter(previous) || isASCIILetter(next) {
			score -= 4
		}
	case eastScript:
		if isASCIILetter(previous) { // more likely an octet among letters
			score -= 2
		}
		return score
	}
	if !unicode.IsLetter(r) && !unicode.IsMark(r) && unicode.IsLetter(next) && r != '’' && r != '“' && r != '„' && r != '«' && r != '‘' && r != '¡' && r != '¿' {
		score -= 4 // a sign before a letter
	}
	if unicode.IsUpper(r) && unicode.IsLower(previous) || unicode.IsLower(r) && unicode.IsUpper(previous) && unicode.IsUpper(next) {
		score -= 4 // a capital within a word
	}
	return score
}

// weight is how common a character is.
func (m *guessModel) weight(r rune) float64 {
	switch {
	case strings.ContainsRune(m.common, r):
		return 3
	case strings.ContainsRune(m.letter, r):
		return 2
	case m.script == eastScript:
		return m.eastWeight(r)
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return 0
	case strings.ContainsRune("“”‘’–—…«»„№©®€°§ ·•¡¿", r):
		return 1.5
	}
	return -1
}

// eastWeight is that of a character which is not among the commonest: those that come early in the charset's order are
// common enough.
func (m *guessModel) eastWeight(r rune) float64 {
	switch {
	case 0x3000 <= r && r <= 0x3020 || 0xff01 <= r && r <= 0xff5e: // punctuation, wide Latin
		return 1
	case 0x3040 <= r && r <= 0x30ff: // kana
		if m.name == "shift_jis" || m.name == "euc-jp" {
			return 2
		}
		return 0
	case 0xff61 <= r && r <= 0xff9f: // narrow kana, one octet
		return -1
	case 0x4e00 <= r && r <= 0x9fff, 0xac00 <= r && r <= 0xd7a3:
		return m.ideographWeight(r)
	}
	return -1.5
}

// ideographWeight looks at the first octet: the standards put the common half of their characters first.
func (m *guessModel) ideographWeight(r rune) float64 {
	b, err := m.enc.NewEncoder().Bytes([]byte(string(r)))
	if err != nil || len(b) != 2 {
		return -1
	}
	low, high := byte(0xb0), byte(0xd7)
	switch m.name {
	case "shift_jis":
		low, high = 0x88, 0x97
	case "euc-jp":
		high = 0xcf
	case "big5":
		low, high = 0xa4, 0xc6
	case "euc-kr":
		high = 0xc8
	}
	if low <= b[0] && b[0] <= high && (b[1] >= 0xa1 || m.name == "big5" || m.name == "shift_jis") {
		return 1
	}
	return -1
}

func isASCIILetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }
