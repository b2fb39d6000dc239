// Package stream reads and writes many messages in one stream: mbox files, JSON lines, tar archives, lists of paths.
//
// Read gives the messages one after the other, each an io.Reader of its octets with what the stream says about it:
// envelope, date, name. Nothing is kept of a message but a buffer of fixed size (the text of a JSON line that is
// large goes to a temporary file), so that memory stays flat whatever the size of a message or their number.
//
//   - mboxrd: a message begins with a From_ line ("From sender date") after an empty line; lines of it that begin with
//     "From " after any number of ">" have one ">" more than they had. It loses nothing and is what is written.
//   - mboxo: only "From " itself was quoted. mboxcl2: nothing was, Content-Length says where a message ends. Both are
//     read, mboxo and mboxcl2 are not written. Where RFC 4155's default format leaves quoting open, mboxrd is a reading of it.
//   - jsonl: one JSON object a line; see JSONMessage.
//   - tar: the regular files of an archive (POSIX.1-2001 pax, ustar, GNU); the envelope in pax records POSTA.from and POSTA.to.
//   - paths: names of files, one a line or ended by NUL each.
package stream

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"
)

// Format is the form of a stream.
type Format string

// The formats.
const (
	Mboxrd  Format = "mboxrd"
	Mboxo   Format = "mboxo"
	Mboxcl2 Format = "mboxcl2"
	JSONL   Format = "jsonl"
	Tar     Format = "tar"
	Paths   Format = "paths"
)

// ErrFormat is the error of a format's name.
var ErrFormat = errors.New("no such stream format: mboxrd, mboxo, mboxcl2, jsonl, tar, paths")

// ErrMalformed is in the tree of every error that says what is wrong with the content of a stream.
var ErrMalformed = errors.New("malformed stream")

// ErrOpen is in the tree of the error of a message whose file cannot be opened, or is a directory.
var ErrOpen = errors.New("cannot be opened")

// openError is what the system says of such a file.
type openError struct{ error }

func (e openError) Unwrap() error        { return e.error }
func (e openError) Is(target error) bool { return target == ErrOpen }

// malformed is an error of content.
type malformed string

func (e malformed) Error() string        { return string(e) }
func (e malformed) Is(target error) bool { return target == ErrMalformed }

// ErrNotMbox is the error of a file that does not begin with a From_ line.
const ErrNotMbox = malformed("not an mbox file: it does not begin with a From_ line")

// ParseFormat is the format of that name; "mbox" is mboxrd.
func ParseFormat(name string) (Format, error) {
	switch f := Format(name); f {
	case "mbox":
		return Mboxrd, nil
	case Mboxrd, Mboxo, Mboxcl2, JSONL, Tar, Paths:
		return f, nil
	}
	return "", fmt.Errorf("%w: not %q", ErrFormat, name)
}

// Options of reading and writing. The zero value serves.
type Options struct {
	NUL bool // paths are ended by NUL, not by a line end
	// LineMax bounds what must be in memory at once: a path, a JSON line's field. 0 is 1 MiB.
	LineMax int
	// TempDir is where large JSON strings are kept for the time; "" is the system's.
	TempDir string
	// Now is the date of a message written to an mbox without one; zero is 1970.
	Now time.Time
}

func (o Options) lineMax() int {
	if o.LineMax > 0 {
		return o.LineMax
	}
	return 1 << 20
}

// A Message is one of a stream. Reading from it gives its octets as they were before they came into the stream.
//
// The one that Read yields, its Reader too, is valid until the iteration goes on; what was not read of it is skipped.
type Message struct {
	io.Reader

	Index int // from 1

	// From is the envelope's sender where the stream names one. NullFrom says that it names the null sender, "<>".
	From     string
	NullFrom bool
	To       []string // the envelope's recipients, nil where the stream names none

	Date time.Time // of arrival or of the file; zero: unknown
	Name string    // of the file or the member; "" none
	Size int64     // in octets; -1: unknown
}

// File is the file that the message is read from, at its beginning until it is read; nil where it is none. The
// stream closes it. A Reader that is none but reads one may have a method File of its own.
func (m *Message) File() *os.File {
	if p, ok := m.Reader.(*pathReader); ok {
		return p.osFile()
	}
	switch r := m.Reader.(type) {
	case *os.File:
		return r
	case interface{ File() *os.File }:
		return r.File()
	}
	return nil
}

// An EntryError is the error of one message. The stream goes on after it.
type EntryError struct {
	Index int    // of the message, from 1
	Name  string // of the file or the member, "" where it has none
	Err   error
}

func (e *EntryError) Error() string {
	if e.Name != "" {
		return fmt.Sprintf("%s: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("message %d: %v", e.Index, e.Err)
}

func (e *EntryError) Unwrap() error { return e.Err }

// Read gives the messages of r. An *EntryError stands for a message that cannot be had, and the sequence goes on; any
// other error ends it. It reads ahead of the message that it yields by a buffer's length at most, and does not close r.
func Read(r io.Reader, format Format, opt Options) iter.Seq2[*Message, error] {
	switch format {
	case Mboxrd, Mboxo, Mboxcl2:
		return readMbox(r, format)
	case JSONL:
		return readJSON(r, opt)
	case Tar:
		return readTar(r)
	case Paths:
		return readPaths(r, opt)
	}
	return func(yield func(*Message, error) bool) {
		yield(nil, fmt.Errorf("%w: not %q", ErrFormat, string(format)))
	}
}

// A Writer writes messages to a stream.
type Writer interface {
	// WriteMessage writes m: From, To, Date, Name as far as the format has a place for them, and all that m's Reader
	// gives. Where it returns an error the stream is damaged, but for an *EntryError: then m alone is not in it.
	WriteMessage(m *Message) error
	// Close ends the stream. It does not close what is written to.
	Close() error
}

// NewWriter gives a writer of format: Mboxrd, JSONL, Tar or Paths.
func NewWriter(w io.Writer, format Format, opt Options) (Writer, error) {
	switch format {
	case Mboxrd:
		return newMboxWriter(w, opt), nil
	case JSONL:
		return newJSONWriter(w), nil
	case Tar:
		return newTarWriter(w, opt), nil
	case Paths:
		return newPathWriter(w, opt), nil
	}
	return nil, fmt.Errorf("%w: cannot write %q", ErrFormat, string(format))
}
