package store

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"

	"posta/internal/atomicfile"
	"posta/mimetool/stream"
)

// Mbox is an mbox file (mboxrd). Messages are collected, and appended a group at a time: with the file's dotlock and fcntl
// lock held, in one go, synced. When that fails the file has its former length again.
//
// Its lines end in LF, as those of an mbox do.
type Mbox struct {
	path   string
	groups *committer
	batch  *spool // the octets of the group
	buf    []byte
}

// mboxWait is how long a lock of somebody else is waited for.
const mboxWait = 2 * time.Minute

// OpenMbox opens an mbox file. It is made when the first message comes, but must be possible to write.
func OpenMbox(path string, opt Options) (*Mbox, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return nil, writeError(err)
	}
	opt.LF = true
	m := &Mbox{path: path, batch: &spool{}, buf: make([]byte, 64<<10)}
	m.groups = newCommitter(opt, m.append)
	return m, nil
}

// Put takes a message. See Store. At most one group is in the making, so that memory stays small.
func (m *Mbox) Put(ctx context.Context, msg *Message) (*Receipt, error) {
	if len(msg.Folder) > 0 {
		return nil, writeError(ErrFolders)
	}
	start := m.batch.n
	if err := m.spool(msg); err != nil {
		return nil, errors.Join(err, m.batch.truncate(start))
	}
	r := &Receipt{Size: m.batch.n - start, Key: msg.Key}
	m.groups.add(r)
	if m.groups.open == nil { // the group is on its way
		return r, m.Flush(ctx)
	}
	return r, nil
}

// spool writes the message's mboxrd form.
func (m *Mbox) spool(msg *Message) error {
	reader := &sourceReader{r: msg.Reader}
	lines := newLineReader(reader, m.buf)
	w, err := stream.NewWriter(m.batch, stream.Mboxrd, stream.Options{Now: m.groups.opt.now()})
	if err != nil {
		return writeError(err)
	}
	err = w.WriteMessage(&stream.Message{Reader: lines, From: msg.From, Date: msg.Date, Size: -1})
	if reader.err != nil {
		return reader.err
	}
	return writeError(err)
}

// append appends the batch to the file.
func (m *Mbox) append(g *group) {
	if err := m.tryAppend(g); err != nil {
		g.fail(err)
	}
	m.batch.reset()
}

func (m *Mbox) tryAppend(g *group) (err error) {
	unlock, err := lockMbox(m.path, mboxWait)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	f, err := os.OpenFile(m.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := fcntlLock(f, mboxWait); err != nil {
		return err
	}
	end, err := m.begin(f, g)
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.NewOffsetWriter(f, end)}, m.batch.reader(), m.buf); err != nil {
		return errors.Join(err, f.Truncate(end))
	}
	if err := errors.Join(f.Sync(), atomicfile.SyncDir(filepath.Dir(m.path))); err != nil {
		return errors.Join(err, f.Truncate(end))
	}
	return m.groups.stored(g.receipts)
}

// begin finds where the batch is to stand, and tells the journal: the places have the offset, the length and the checksum
// of the whole batch, so that Holds can find out whether all of it was written.
func (m *Mbox) begin(f *os.File, g *group) (end int64, err error) {
	if end, err = mboxEnd(f); err != nil {
		return 0, err
	}
	sum, err := checksum(m.batch.reader())
	if err != nil {
		return 0, err
	}
	for _, r := range g.receipts {
		r.Place = fmt.Sprintf("%d+%d:%08x", end, m.batch.n, sum)
	}
	return end, m.groups.prepare(g.receipts)
}

// mboxEnd is the file's length, after an empty line was put there if what others wrote lacks one.
func mboxEnd(f *os.File) (int64, error) {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || end == 0 {
		return end, err
	}
	last := make([]byte, 2)
	if _, err := f.ReadAt(last[2-min(end, 2):], max(0, end-2)); err != nil {
		return 0, err
	}
	missing := ""
	switch {
	case last[1] != '\n':
		missing = "\n\n"
	case last[0] != '\n':
		missing = "\n"
	}
	_, err = f.WriteAt([]byte(missing), end)
	return end + int64(len(missing)), err
}

func checksum(r io.Reader) (uint32, error) {
	h := crc32.NewIEEE()
	_, err := io.Copy(h, r)
	return h.Sum32(), err
}

// Holds says whether the batch of the place is whole in the file. One that is not, and with which the file ends, is removed.
func (m *Mbox) Holds(place string) (bool, error) {
	var start, length int64
	var want uint32
	if _, err := fmt.Sscanf(place, "%d+%d:%x", &start, &length, &want); err != nil || start < 0 || length <= 0 {
		return false, nil
	}
	unlock, err := lockMbox(m.path, mboxWait)
	if err != nil {
		return false, err
	}
	f, err := os.OpenFile(m.path, os.O_RDWR, 0)
	if err != nil {
		return false, errors.Join(err, unlock())
	}
	err = fcntlLock(f, mboxWait)
	ok := false
	if err == nil {
		ok, err = m.holds(f, start, length, want)
	}
	return ok, errors.Join(err, f.Close(), unlock())
}

func (m *Mbox) holds(f *os.File, start, length int64, want uint32) (bool, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size <= start {
		return false, err
	}
	got, err := checksum(io.NewSectionReader(f, start, length))
	switch {
	case err != nil:
		return false, err
	case got == want && size >= start+length:
		return true, nil
	case size < start+length: // the program was killed while it wrote
		return false, errors.Join(f.Truncate(start), f.Sync())
	}
	return false, nil
}

// Flush makes all durable. See Store.
func (m *Mbox) Flush(ctx context.Context) error { return m.groups.flush(ctx) }

// Close flushes. See Store.
func (m *Mbox) Close() error {
	m.groups.close()
	m.batch.drop()
	return nil
}
