package mimetool

import (
	"strings"
	"unicode/utf8"
)

// WordOptions says what octets of a header that are not ASCII mean where the header does not say it, or lies.
type WordOptions struct {
	// Charset is that of raw 8-bit octets that are no UTF-8 (RFC 6532), such as the charset of the entity's
	// Content-Type. "" has it detected.
	Charset string
	// Override stands for every charset that encoded-words and parameters declare, and for raw octets.
	Override string
}

// DecodeWords makes the text of an unstructured field's value: encoded-words decoded (RFC 2047), raw 8-bit octets turned
// into UTF-8, folds undone (RFC 5322 §2.2.3). raw may be folded or not.
//
// Words are taken as they are found: glued to other text, with blanks inside, in an encoding's other case, in a charset
// that is unknown or not the true one, a character split over two words. What is no encoded-word by any reading stays as
// it is. Each kind of defect is reported once, with its first place in raw.
//
// The result has no control characters but TAB (RFC 2047 §5, at the end: a word must do nothing to the terminal): NUL is
// dropped, a line end becomes a blank, any other U+FFFD. Plain ASCII costs no allocation.
func DecodeWords(raw string, opt WordOptions) (string, []Defect) {
	raw = trimBlankString(raw)
	if isPlainText(raw) {
		return raw, nil
	}
	return decodeText(raw, &charsetGuess{opt: opt})
}

// decodeText is DecodeWords for a piece of a field: blanks at the ends belong to it, and a guess holds for all pieces.
func decodeText(raw string, guess *charsetGuess) (string, []Defect) {
	if isPlainText(raw) {
		return raw, nil
	}
	d := wordDecoder{guess: guess, scan: wordScanner{s: raw}}
	var block [256]byte
	d.out = block[:0]
	if d.scan.next(0) < 0 {
		return d.rawCleaned(raw, 0), d.defects
	}
	d.decode()
	return string(d.out), d.defects
}

// A wordDecoder makes text of one value.
type wordDecoder struct {
	guess   *charsetGuess
	scan    wordScanner
	out     []byte
	run     wordRun
	raw8bit charset // of raw octets, found when the first are met
	defects []Defect
}

func (d *wordDecoder) note(name, ref string, at int) {
	d.defects = noteOnce(d.defects, name, ref, at)
}

// noteOnce appends a defect unless one of its kind is there: a value that is nothing but defects must not fill the
// memory.
func noteOnce(list []Defect, name, ref string, at int) []Defect {
	for i := range list {
		if list[i].Name == name {
			return list
		}
	}
	return append(list, Defect{Name: name, Ref: ref, Offset: int64(at)})
}

// decode goes from one encoded-word to the next, and gathers those that stand side by side into runs.
func (d *wordDecoder) decode() {
	s := d.scan.s
	done := 0 // all before is written or in the run
	for at := d.scan.next(0); at >= 0; {
		w, ok := d.scan.match(at)
		if !ok {
			at = d.scan.next(w.end)
			continue
		}
		gap := s[done:w.start]
		if !d.run.takes(w, gap) {
			d.endRun(gap)
			d.run.begin(w)
		}
		d.addWord(w)
		done = w.end
		at = d.scan.next(done)
	}
	d.endRun("")
	d.writeRaw(s[done:], done)
}

// addWord decodes a word's encoding (not yet its charset) into the run.
func (d *wordDecoder) addWord(w encodedWord) {
	if w.start > 0 && !isBlank(d.scan.s[w.start-1]) && d.scan.s[w.start-1] != '(' {
		d.note("word-glued", "RFC 2047 §5", w.start)
	}
	if len(w.text)+len(w.charset) > 2*maxWord {
		d.note("word-long", "RFC 2047 §2", w.start)
	}
	if strings.ContainsAny(w.text, " \t\r\n") {
		d.note("word-blank", "RFC 2047 §2", w.start)
	}
	if !d.run.add(w) {
		d.note("word-base64", "RFC 2047 §4.1", w.start)
	}
}

// endRun writes the run's text and what stands between it and the next word: blanks between two words that were decoded
// are not part of the text (RFC 2047 §6.2).
func (d *wordDecoder) endRun(gap string) {
	if len(d.run.words) == 0 {
		if gap != "" {
			d.writeRaw(gap, 0)
		}
		return
	}
	decoded := d.writeRun()
	end := d.run.words[len(d.run.words)-1].end
	d.run.clear()
	if gap != "" && !(decoded && isBlankText(gap)) {
		d.writeRaw(gap, end)
	}
}

// writeRun decodes the charset of the run. It tells whether its last word is decoded; words that would become rubbish
// stay as they are.
func (d *wordDecoder) writeRun() bool {
	from := len(d.out)
	if text, ok := d.runText(d.run.octets, d.run.base64); ok {
		d.out = appendCleaned(d.out, text)
		d.noteControls(text, d.run.words[0].start)
		return true
	}
	// Not all words need be bad.
	d.out = d.out[:from]
	at, decoded := 0, false
	for i, w := range d.run.words {
		text, ok := d.runText(d.run.octets[at:w.octets], d.run.base64)
		if len(d.run.words) == 1 || !ok {
			ok = false
			d.note("word-unreadable", "RFC 2047 §6.2", w.start)
		}
		if i > 0 && !(ok && decoded) {
			d.writeRaw(d.scan.s[d.run.words[i-1].end:w.start], 0)
		}
		if ok {
			d.out = appendCleaned(d.out, text)
		} else {
			d.writeRaw(d.scan.s[w.start:w.end], w.start)
		}
		at, decoded = w.octets, ok
	}
	return decoded
}

func (d *wordDecoder) noteControls(text string, at int) {
	if !isClean(text) {
		d.note("word-control", "RFC 2047 §5", at)
	}
}

// runText is the text of octets in the run's charset, false where it is better to show the words as they stand.
func (d *wordDecoder) runText(octets []byte, base64 bool) (string, bool) {
	name := d.run.charset
	if d.guess.opt.Override != "" {
		name = d.guess.opt.Override
	}
	cs, known := lookupCharset(name)
	if !known {
		d.note("word-charset-unknown", "RFC 2047 §2", d.run.words[0].start)
	}
	text, honest := cs.text(octets, d.guess)
	if honest {
		return text, true
	}
	d.note("word-charset", "RFC 2047 §2", d.run.words[0].start)
	// Base64 of something that is no text at all: showing octets by guess would show rubbish.
	if base64 && hasControls(octets) {
		return "", false
	}
	return text, true
}

// writeRaw writes text that is in no encoded-word: unfolded, 8-bit octets as UTF-8.
func (d *wordDecoder) writeRaw(s string, at int) {
	if isPlainRun(s) {
		d.out = append(d.out, s...)
		return
	}
	d.out = append(d.out, d.rawCleaned(s, at)...)
}

// rawCleaned is text that is in no encoded-word as text of one line.
func (d *wordDecoder) rawCleaned(s string, at int) string {
	s = unfoldString(s)
	if !isASCII(s) || hasEscape(s) {
		if !utf8.ValidString(s) || d.guess.opt.Override != "" || hasEscape(s) {
			d.note("header-8bit", "RFC 5322 §2.2", at)
			s = d.rawText(s)
		}
	}
	if !isClean(s) {
		d.note("header-control", "RFC 5322 §2.2", at)
	}
	return cleanText(s)
}

// rawText decodes raw octets. Their charset is found once, from the whole value: the more octets, the better the guess.
func (d *wordDecoder) rawText(s string) string {
	octets := []byte(s)
	if d.raw8bit.isZero() {
		all := octets
		if len(s) < len(d.scan.s) {
			all = []byte(d.scan.s)
		}
		d.raw8bit = d.guess.of(all)
	}
	return d.raw8bit.decode(octets)
}
