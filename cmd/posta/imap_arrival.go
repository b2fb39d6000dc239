package main

import (
	"bytes"
	"errors"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
	"posta/mimetool"
	"posta/mimetool/stream"
)

// arrival is a message that is to be appended: read whole, so that input which ends in an error never becomes a shorter
// message, and so that its size is known exactly.
type arrival struct {
	letter imap.Letter
	octets *rereader
	bareLF bool // line ends have to be made CRLF
}

// unfit is why a message cannot be appended.
type unfit string

func (u unfit) Error() string        { return string(u) }
func (u unfit) Is(target error) bool { return target == stream.ErrMalformed }

const (
	errEmptyLetter = unfit("there is nothing in it")
	errIsMbox      = unfit("it begins with a From_ line: --stream mboxrd reads an mbox file")
)

// newArrival reads a message, once, and finds its size, flags and date. The caller closes it.
func newArrival(m *stream.Message, format stream.Format, opt appendOptions) (*arrival, error) {
	l := &arrival{}
	var err error
	if l.octets, err = newRereader(m); err != nil {
		return nil, err
	}
	l.letter.Body = &spooledBody{l: l}
	if err = l.scan(format == "" || format == stream.Paths); err == nil {
		err = l.describe(m, format, opt)
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *arrival) close() {
	if l.octets != nil {
		l.octets.Close()
	}
}

// rewind makes the letter ready to be sent, again if need be.
func (l *arrival) rewind() error { return l.letter.Body.(rewinder).rewind() }

// rewinder is the body of a letter, which can be read again.
type rewinder interface {
	io.Reader
	rewind() error
}

// spooledBody is a body that is not in memory.
type spooledBody struct {
	io.Reader
	l *arrival
}

func (b *spooledBody) rewind() error {
	b.Reader = b.l.octets
	if b.l.bareLF {
		b.Reader = &crlfReader{r: b.l.octets}
	}
	return b.l.octets.rewind()
}

// heldBody is a body in memory.
type heldBody struct{ bytes.Reader }

func (b *heldBody) rewind() error {
	_, err := b.Seek(0, io.SeekStart)
	return err
}

// maxHeld is the size of letters that are held in memory until the server has answered.
const maxHeld = 256 << 10

// hold takes the letter into memory unless it is large, and lets go of where it came from.
func (l *arrival) hold() (bool, error) {
	if l.letter.Size > maxHeld {
		return false, nil
	}
	if err := l.rewind(); err != nil {
		return false, err
	}
	b := make([]byte, l.letter.Size)
	if _, err := io.ReadFull(l.letter.Body, b); err != nil {
		return false, err
	}
	l.close()
	l.octets = nil
	l.letter.Body = &heldBody{*bytes.NewReader(b)}
	return true, nil
}

// scan reads the whole message: what its size is with line ends of CRLF, and whether it can be sent at all. A file may be an mbox that
// is taken for a message; in a stream a message that begins like one is what it is.
func (l *arrival) scan(mayBeMbox bool) error {
	if err := l.octets.rewind(); err != nil {
		return err
	}
	buf := make([]byte, 64<<10)
	last := byte(0)
	var bare int64
	for {
		n, err := l.octets.Read(buf)
		b := buf[:n]
		if mayBeMbox && l.letter.Size == 0 && bytes.HasPrefix(b, []byte("From ")) {
			return errIsMbox
		}
		l.letter.Binary = l.letter.Binary || bytes.IndexByte(b, 0) >= 0 // RFC 9051 §9: no other literal may have it
		if n > 0 {
			bare += int64(bytes.Count(b, []byte("\n")) - bytes.Count(b, []byte("\r\n")))
			if last == '\r' && b[0] == '\n' {
				bare--
			}
			last = b[n-1]
		}
		l.letter.Size += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if l.letter.Size == 0 {
		return errEmptyLetter
	}
	l.bareLF = bare > 0
	l.letter.Size += bare
	return nil
}

// describe gives the letter its flags and its date.
func (l *arrival) describe(m *stream.Message, format stream.Format, opt appendOptions) error {
	header, err := l.header()
	if err != nil {
		return err
	}
	switch {
	case opt.flagged:
		l.letter.Flags = opt.flags
	case format == stream.Mboxrd, format == stream.Mboxo, format == stream.Mboxcl2:
		l.letter.Flags = mboxFlags(header)
	default:
		l.letter.Flags = maildirFlags(m.Name)
	}
	switch opt.how {
	case "date":
		l.letter.Time = opt.date
	case "header":
		if date, err := mimetool.ParseDate(header.Get("Date")); err == nil {
			l.letter.Time = date
			break
		}
		fallthrough
	case "stream":
		l.letter.Time = arrivalOf(m)
	}
	return nil
}

// maxHeader is how much of a message is looked at for its date and flags.
const maxHeader = 256 << 10

// header is the message's header, as far as it is looked at.
func (l *arrival) header() (mimetool.Header, error) {
	if err := l.octets.rewind(); err != nil {
		return nil, err
	}
	b := make([]byte, min(maxHeader, l.letter.Size))
	n, err := io.ReadFull(l.octets, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	b = b[:n]
	for _, end := range []string{"\n\n", "\n\r\n"} {
		if i := bytes.Index(b, []byte(end)); i >= 0 {
			b = b[:i+1]
		}
	}
	return mimetool.ParseHeader(b), nil
}

// arrivalOf is when a stream says that a message arrived: a file's is when it was last written.
func arrivalOf(m *stream.Message) time.Time {
	if f := m.File(); f != nil {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return info.ModTime()
		}
	}
	return m.Date
}

// parseArrival reads a date in one of the forms that mail and people have.
func parseArrival(s string) (time.Time, error) {
	for _, layout := range []string{"_2-Jan-2006 15:04:05 -0700", "2-Jan-2006", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return mimetool.ParseDate(s)
}

// mboxFlags are what Status, X-Status and X-Keywords say, as mail programs leave them in mbox files. Deletion is not
// carried over: it would be a message that is gone with the next EXPUNGE.
func mboxFlags(h mimetool.Header) (flags []goimap.Flag) {
	status, more := h.Get("Status"), h.Get("X-Status")
	for _, f := range []struct {
		on   bool
		flag goimap.Flag
	}{
		{strings.Contains(status, "R"), goimap.FlagSeen},
		{strings.Contains(more, "A"), goimap.FlagAnswered},
		{strings.Contains(more, "F"), goimap.FlagFlagged},
		{strings.Contains(more, "T"), goimap.FlagDraft},
	} {
		if f.on {
			flags = append(flags, f.flag)
		}
	}
	for _, word := range strings.Fields(h.Get("X-Keywords")) {
		if keyword, err := parseFlags(word); err == nil && !strings.HasPrefix(word, `\`) {
			flags = append(flags, keyword...)
		}
	}
	return flags
}

// maildirFlags are those that a Maildir's file name says, deletion left out.
func maildirFlags(name string) (flags []goimap.Flag) {
	_, letters, ok := strings.Cut(path.Base(filepath.ToSlash(name)), ":2,")
	if !ok {
		return nil
	}
	on := store.ParseLetters(letters)
	for _, flag := range []goimap.Flag{goimap.FlagSeen, goimap.FlagAnswered, goimap.FlagFlagged, goimap.FlagDraft, goimap.FlagForwarded} {
		if on&store.ParseFlag(string(flag)) != 0 {
			flags = append(flags, flag)
		}
	}
	return slices.Clip(flags)
}
