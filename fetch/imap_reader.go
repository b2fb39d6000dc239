package fetch

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// errUnwanted: the server sent what was not asked for, or sent it twice.
var errUnwanted = errors.New("it was not asked for")

// items are what is asked for of each message. Nothing of it sets a flag.
func (p *IMAP) items() imap.FetchOptions {
	section := &goimap.FetchItemBodySection{Peek: true}
	if p.Section != "" {
		words := strings.Split(p.Section, ".")
		for i, word := range words {
			n, err := strconv.Atoi(word)
			if err != nil {
				section.Specifier = goimap.PartSpecifier(strings.Join(words[i:], "."))
				break
			}
			section.Part = append(section.Part, n)
		}
	}
	return imap.FetchOptions{FetchOptions: goimap.FetchOptions{
		UID: true, Flags: true, InternalDate: true, RFC822Size: true, BodySection: []*goimap.FetchItemBodySection{section},
	}}
}

// headerItems are what a fingerprint is made of.
func headerItems() imap.FetchOptions {
	return imap.FetchOptions{FetchOptions: goimap.FetchOptions{
		UID: true, RFC822Size: true,
		BodySection: []*goimap.FetchItemBodySection{{Peek: true, Specifier: goimap.PartSpecifierHeader}},
	}}
}

// imapReader is a message's content as the store reads it. Its end is that of the whole response: the UID may come after
// the content, and only then it is known whose it is.
type imapReader struct {
	j     *folderJob
	w     *imapWorker
	m     *imap.Message
	lit   *imap.Literal
	key   *imapKey
	msg   *store.Message
	print headerPrint
	size  int64
	err   error
}

// content goes on to the content. It is false for a message that was not asked for, or that comes without.
func (r *imapReader) content() (bool, error) {
	for {
		lit, err := r.m.Next()
		switch {
		case err == io.EOF:
			return false, nil
		case err != nil:
			return false, err
		case r.m.UID != 0 && !r.wanted():
			return false, nil
		case lit.Offset >= 0 || !strings.EqualFold(lit.Section, "BODY["+r.w.Section+"]") || lit.NIL || lit.Size == 0 && r.m.Size > 0:
			continue
		}
		r.lit, r.size = lit, lit.Size
		r.print.buf = r.w.buf[:0]
		return true, nil
	}
}

// wanted says whether the message was asked for in this turn, and has not come yet.
func (r *imapReader) wanted() bool {
	uid := r.m.UID
	return r.j.turn.want.Contains(uid) && !r.j.taken.Contains(uid) && !r.j.failed.Contains(uid)
}

// message is what the store gets.
func (r *imapReader) message() *store.Message {
	r.key = &imapKey{box: r.j.box, validity: r.j.validity}
	r.msg = &store.Message{Reader: r, Folder: r.j.Path, Size: r.size, Key: r.key, Date: r.m.InternalDate, Flags: flagsOf(r.m)}
	if r.m.UID != 0 {
		r.msg.Name = strconv.FormatUint(uint64(r.m.UID), 10)
	}
	return r.msg
}

func flagsOf(m *imap.Message) (flags store.Flags) {
	for _, f := range m.Flags {
		flags |= store.ParseFlag(string(f))
	}
	return flags
}

// Read reads content. The end comes after that of the response.
func (r *imapReader) Read(p []byte) (int, error) {
	if r.lit.Left() == 0 {
		return 0, r.end()
	}
	n, err := r.lit.Read(p)
	r.print.write(p[:n])
	return n, r.fail(err)
}

// WriteTo writes content straight from the receive buffer.
func (r *imapReader) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for r.lit.Left() > 0 {
		chunk, err := r.lit.Chunk()
		if err != nil {
			return written, r.fail(err)
		}
		r.print.write(chunk)
		n, err := w.Write(chunk)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	if err := r.end(); err != io.EOF {
		return written, err
	}
	return written, nil
}

func (r *imapReader) fail(err error) error {
	if err != nil && err != io.EOF {
		r.err = err
	}
	return err
}

// end reads the rest of the response, and knows then what it was of.
func (r *imapReader) end() error {
	for {
		_, err := r.m.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return r.fail(err)
		}
	}
	if r.m.UID == 0 || !r.wanted() {
		return r.fail(errUnwanted)
	}
	r.w.buf = r.print.buf
	r.key.uid, r.key.print = r.m.UID, r.print.of(r.m.Size, r.size)
	r.msg.Date, r.msg.Flags = r.m.InternalDate, flagsOf(r.m)
	return io.EOF
}

// maxPrinted is how much of a header counts.
const maxPrinted = 64 << 10

// headerPrint makes the fingerprint of a message of what goes by.
type headerPrint struct {
	buf  []byte // the header so far
	done bool
}

func (h *headerPrint) write(p []byte) {
	if h.done {
		return
	}
	old := max(0, len(h.buf)-3)
	h.buf = append(h.buf, p[:min(len(p), maxPrinted-len(h.buf))]...)
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(h.buf[old:], []byte(end)); i >= 0 {
			h.buf, h.done = h.buf[:old+i], true
		}
	}
	if len(h.buf) == maxPrinted {
		h.done = true
	}
}

// of is the fingerprint: of the size that the server announces, or else of the content, and the header without the line ends
// behind it.
func (h *headerPrint) of(announced, size int64) (p fingerprint) {
	if announced == 0 {
		announced = size
	}
	sum := sha256.New()
	sum.Write(append(strconv.AppendInt(nil, announced, 10), '\n'))
	sum.Write(bytes.TrimRight(h.buf, "\r\n"))
	copy(p[:], sum.Sum(nil))
	return p
}
