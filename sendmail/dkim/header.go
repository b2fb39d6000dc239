package dkim

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxHeader bounds the header of a letter, in octets.
const maxHeader = 1 << 20

// Errors of a letter that cannot be signed or verified.
var (
	ErrNoFrom       = errors.New("letter has no From field") // RFC 6376 §5.4: it has to be signed
	ErrHeader       = errors.New("letter's header is malformed")
	ErrHeaderLength = fmt.Errorf("letter's header is longer than %d octets", maxHeader)
)

// field is one field of a header with its folds and line end, which is CRLF whatever the letter has.
type field struct {
	name string // in lower case
	raw  []byte
}

// readHeader reads the header of a letter and the empty line after it. A letter may end there.
func readHeader(r *bufio.Reader) ([]field, error) {
	var fields []field
	total := 0
	for {
		line, err := readLine(r, maxHeader-total)
		if total += len(line); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if len(line) == 2 || len(line) == 0 { // the empty line, or the end of the letter
			return fields, nil
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(fields) == 0 {
				return nil, fmt.Errorf("%w: it begins with white space", ErrHeader)
			}
			last := &fields[len(fields)-1]
			last.raw = append(last.raw, line...)
			continue
		}
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			return nil, fmt.Errorf("%w: a line is neither a field nor a continuation", ErrHeader)
		}
		fields = append(fields, field{strings.ToLower(strings.TrimRight(string(name), " \t")), line})
	}
}

// readLine reads a line and gives it CRLF as its end. It is nil at the end of the letter.
func readLine(r *bufio.Reader, most int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > most {
			return nil, ErrHeaderLength
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
			return nil, err
		}
		return append(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), '\r', '\n'), nil
	}
}

// oversigned are the fields that are signed once more often than they are there, so that none can be added to the
// letter later: what a reader is shown, and what says how the body is read (RFC 6376 §5.4.2, §8.15).
func oversigned() []string {
	return []string{
		"From", "To", "Cc", "Subject", "Date", "Reply-To", "Message-ID", "In-Reply-To", "References",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding",
	}
}

// signed are the fields that are signed where they are there (RFC 6376 §5.4.1): others may add their own.
func signed() []string {
	return []string{
		"Sender", "Content-ID", "Content-Description", "Content-Disposition",
		"Resent-Date", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Message-ID",
		"List-Id", "List-Help", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner", "List-Archive",
		"Autocrypt", "TLS-Required", "Feedback-ID",
	}
}

// selectFields are the names for the h tag, and the fields they stand for: of several with one name the last comes
// first (RFC 6376 §5.4.2).
func selectFields(fields []field) (names []string, chosen []field, err error) {
	add := func(name string, once int) {
		for i := len(fields) - 1; i >= 0; i-- {
			if fields[i].name == strings.ToLower(name) {
				names, chosen = append(names, name), append(chosen, fields[i])
			}
		}
		for range once {
			names = append(names, name)
		}
	}
	add("From", 0)
	if len(chosen) == 0 {
		return nil, nil, ErrNoFrom
	}
	names, chosen = nil, nil
	for _, name := range oversigned() {
		add(name, 1)
	}
	for _, name := range signed() {
		add(name, 0)
	}
	return names, chosen, nil
}
