package sendmail

import (
	"io"
	"os"
	"strings"
)

// longLine is the longest line that RFC 5321 §4.5.3.1.6 lets pass everywhere, without its CRLF.
const longLine = 998

// Letter is a message, scanned and ready to be sent any number of times. It is written with CRLF line ends whatever it
// came with, its last line ended. Its header can be edited; its body is kept octet for octet.
//
// A Letter is not safe for concurrent use; while it is being sent it must not be edited or closed.
type Letter struct {
	head   []byte  // the header as read, with CRLF line ends and without the empty line
	fields []field // where its fields are
	blank  bool    // an empty line follows the header
	edits  edits
	about  facts // of the header

	body      facts
	memory    []byte   // the body: with CRLF line ends, or as it came when it is binary
	file      *os.File // or where it is, as it came, from offset
	offset    int64
	temporary string // to be removed by Close, where an open file cannot be
	owned     bool   // Close closes file
}

// Close releases a temporary file. The file given to ReadLetter stays open.
func (l *Letter) Close() error {
	if !l.owned {
		return nil
	}
	l.owned = false
	err := l.file.Close()
	if l.temporary != "" {
		if e := os.Remove(l.temporary); err == nil {
			err = e
		}
	}
	return err
}

// Header is the header as it was read, Bcc and all, with CRLF line ends and without the empty line after it.
// The slice is the letter's own.
func (l *Letter) Header() []byte { return l.head }

// HasHeader says whether the message began with a header field. An mbox "From " line is none, and is not sent.
func (l *Letter) HasHeader() bool { return len(l.fields) > 0 }

// Size is the number of octets that go out, without dot-stuffing: what SIZE declares (RFC 1870 §6.1).
func (l *Letter) Size() int64 {
	return int64(l.headerSize()) + l.bodySize()
}

func (l *Letter) bodySize() int64 {
	if l.body.binary() {
		return l.body.raw
	}
	return l.body.wire()
}

// EightBit says whether the letter has octets over 127.
func (l *Letter) EightBit() bool {
	return l.about.eightBit || l.body.eightBit || !ascii(string(l.edits.added()))
}

// UTF8Header says whether the header has UTF-8 beyond ASCII, as RFC 6532 allows where SMTPUTF8 is.
func (l *Letter) UTF8Header() bool {
	h := l.header()
	return !ascii(string(h)) && strings.ToValidUTF8(string(h), "") == string(h)
}

// Binary says whether the body has a NUL or a bare CR or LF rules that do not hold: it can only go untouched, as
// BINARYMIME with CHUNKING (RFC 3030 §3).
func (l *Letter) Binary() bool { return l.body.binary() }

// LongestLine is the length of the longest line in octets, without its CRLF. Over 998 it may be refused or broken on
// its way (RFC 5321 §4.5.3.1.6).
func (l *Letter) LongestLine() int { return max(l.about.longest, l.body.longest) }

// HasLongLines says whether a line is over 998 octets.
func (l *Letter) HasLongLines() bool { return l.LongestLine() > longLine }

// check says whether the letter can go to a server that offers x.
func (l *Letter) check(x *Extensions) error {
	switch {
	case l.about.nul:
		return &LetterError{"a NUL in the header"}
	case l.about.bareCR:
		return &LetterError{"a bare CR in the header"}
	case !l.body.binary() || x.binary && x.chunking:
		return nil
	case l.body.nul:
		return &LetterError{"a NUL in the body, and the server does not offer BINARYMIME"}
	}
	return &LetterError{"a bare CR in the body, and the server does not offer BINARYMIME"}
}

// WriteTo writes the letter as it goes out, without dot-stuffing.
func (l *Letter) WriteTo(w io.Writer) (int64, error) {
	var total int64
	var buf []byte
	out := l.open(false)
	for {
		var last bool
		var err error
		if buf, last, err = out.next(buf[:0]); err != nil {
			return total, err
		}
		n, err := w.Write(buf)
		if total += int64(n); err != nil || last {
			return total, err
		}
	}
}
