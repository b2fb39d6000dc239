package fetch

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// errUnwanted: the server sent what was not asked for, or sent it twice.
var errUnwanted = errors.New("it was not asked for")

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
	head  []byte // sections before the last, which are headers
	size  int64  // of the content
	err   error
}

// maxHead is how large a part's header may be.
const maxHead = 8 << 20

// noHeader stands for the header of a part that has none.
const noHeader = "\r\n"

// content goes on to the content. It is false for a message that was not asked for, or that comes without.
func (r *imapReader) content() (ok bool, err error) {
	sections := r.w.sections()
	for i, name := range sections {
		nothing := i == 0 && len(sections) == 1 || string(r.head) == noHeader
		if ok, err := r.section(name, nothing); err != nil || !ok {
			return false, err
		}
		if i == len(sections)-1 {
			break
		}
		if r.head, err = io.ReadAll(io.LimitReader(r.lit, maxHead)); err != nil {
			return false, err
		}
		if len(r.head) == 0 {
			r.head = []byte(noHeader)
		}
	}
	r.print.buf = r.w.buf[:0]
	r.print.write(r.head)
	r.size = int64(len(r.head)) + r.lit.Size
	return true, nil
}

// section goes on to a section. It is false if it does not come; nothing says that an empty one is none, unless the message is
// empty.
func (r *imapReader) section(name string, nothing bool) (bool, error) {
	for {
		lit, err := r.m.Next()
		switch {
		case err == io.EOF:
			return false, nil
		case err != nil:
			return false, err
		case r.m.UID != 0 && !r.wanted():
			return false, nil
		case lit.Offset >= 0 || !strings.EqualFold(lit.Section, "BODY["+name+"]"):
			continue
		case lit.NIL && !strings.HasSuffix(name, ".MIME"), lit.Size == 0 && nothing && r.m.Size > 0:
			continue
		}
		r.lit = lit
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
		r.msg.Name = strconv.FormatUint(uint64(r.m.UID), 10) // a tar has it before the content
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
	if len(r.head) > 0 {
		n := copy(p, r.head)
		r.head = r.head[n:]
		return n, nil
	}
	if r.lit.Left() == 0 {
		return 0, r.end()
	}
	n, err := r.lit.Read(p)
	r.print.write(p[:n])
	return n, r.fail(err)
}

// WriteTo writes content straight from the receive buffer.
func (r *imapReader) WriteTo(w io.Writer) (written int64, err error) {
	for chunk := r.head; ; {
		n, err := w.Write(chunk)
		written += int64(n)
		if err != nil {
			return written, err
		}
		if r.lit.Left() == 0 {
			break
		}
		if chunk, err = r.lit.Chunk(); err != nil {
			return written, r.fail(err)
		}
		r.print.write(chunk)
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
	r.msg.Name = strconv.FormatUint(uint64(r.m.UID), 10)
	r.msg.Tag = r.w.State.tagOf(r.j.box, r.j.validity, r.m.UID)
	if r.key.flags = unknownFlags; r.m.HasFlags {
		r.key.flags = serverFlags(r.msg.Flags)
	}
	return io.EOF
}
