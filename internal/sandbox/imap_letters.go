package sandbox

import (
	"io"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// view is a folder as a session sees it: its sequence numbers lag behind what others do.
type view struct {
	*folder
	tracker  *imapserver.SessionTracker
	readOnly bool
	saved    imap.UIDSet // SEARCHRES (RFC 5182)
}

// numbered is a letter with its sequence numbers: the folder's own, and the client's, 0 if it does not know it yet.
type numbered struct {
	*entry
	own, client uint32
}

// selectLocked is the letters that a set names.
func (v *view) selectLocked(set imap.NumSet) (found []numbered) {
	set = v.staticLocked(set)
	for i, e := range v.entries {
		n := numbered{e, uint32(i) + 1, v.tracker.EncodeSeqNum(uint32(i) + 1)}
		switch set := set.(type) {
		case imap.SeqSet:
			if n.client != 0 && set.Contains(n.client) {
				found = append(found, n)
			}
		case imap.UIDSet:
			if set.Contains(e.uid) {
				found = append(found, n)
			}
		}
	}
	return found
}

// staticLocked puts numbers for "*" and the saved result for "$".
func (v *view) staticLocked(set imap.NumSet) imap.NumSet {
	if imap.IsSearchRes(set) {
		return v.saved
	}
	switch set := set.(type) {
	case imap.SeqSet:
		for i := range set {
			staticRange(&set[i].Start, &set[i].Stop, uint32(len(v.entries)))
		}
		return set
	case imap.UIDSet:
		last := uint32(0) // RFC 9051 §9: * is the highest that is in use
		if n := len(v.entries); n > 0 {
			last = uint32(v.entries[n-1].uid)
		}
		for i := range set {
			start, stop := uint32(set[i].Start), uint32(set[i].Stop)
			staticRange(&start, &stop, last)
			set[i].Start, set[i].Stop = imap.UID(start), imap.UID(stop)
		}
		return set
	}
	return set
}

func staticRange(start, stop *uint32, last uint32) {
	if *start != 0 && *stop != 0 {
		return
	}
	if *start == 0 {
		*start = last
	}
	if *stop == 0 {
		*stop = last
	}
	if *start > *stop {
		*start, *stop = *stop, *start
	}
}

// Append puts a client's letter into a folder. It is no letter that was caught.
func (s *imapSession) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	f, err := s.account.target(name)
	if err != nil {
		return nil, err
	}
	sp := &spool{dir: s.sb.dir}
	n, err := io.Copy(sp, r)
	if err == nil && n != r.Size() {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		sp.discard()
		return nil, err
	}
	c, err := sp.finish()
	if err != nil {
		return nil, err
	}
	date := options.Time
	if date.IsZero() {
		date = time.Now()
	}
	e := f.add(c, date, options.Flags)
	return &imap.AppendData{UIDValidity: f.validity, UID: e.uid}, nil
}

func (s *imapSession) Copy(set imap.NumSet, name string) (*imap.CopyData, error) {
	data, _, err := s.copyTo(set, name)
	return data, err
}

// copyTo copies letters, and returns which.
func (s *imapSession) copyTo(set imap.NumSet, name string) (*imap.CopyData, map[*entry]bool, error) {
	dest, err := s.account.target(name)
	if err != nil {
		return nil, nil, err
	}
	v := s.view
	v.mu.Lock()
	found := v.selectLocked(set)
	flags := make([][]imap.Flag, len(found))
	for i, e := range found {
		flags[i] = e.flagList()
	}
	v.mu.Unlock()
	data := &imap.CopyData{UIDValidity: dest.validity}
	copied := map[*entry]bool{}
	for i, e := range found {
		data.SourceUIDs.AddNum(e.uid)
		data.DestUIDs.AddNum(dest.add(e.content, e.date, flags[i]).uid)
		copied[e.entry] = true
	}
	return data, copied, nil
}

// Move is RFC 6851. Its EXPUNGEs come with the session's updates.
func (s *imapSession) Move(w *imapserver.MoveWriter, set imap.NumSet, name string) error {
	if s.view.readOnly {
		return errReadOnly
	}
	data, moved, err := s.copyTo(set, name)
	if err != nil {
		return err
	}
	s.view.remove(func(e *entry) bool { return moved[e] })
	return w.WriteCopyData(data)
}

// errReadOnly is what EXAMINE means for commands that change something.
var errReadOnly = &imap.Error{Type: imap.StatusResponseTypeNo, Text: "the folder is open for reading alone"}

// Expunge removes the letters that are marked as deleted, of those UIDs when there are some.
func (s *imapSession) Expunge(_ *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if s.view.readOnly { // CLOSE ends EXAMINE without a word
		return nil
	}
	s.view.remove(func(e *entry) bool {
		return e.has(imap.FlagDeleted) && (uids == nil || uids.Contains(e.uid))
	})
	return nil
}

func (s *imapSession) Store(w *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags, _ *imap.StoreOptions) error {
	v := s.view
	if v.readOnly {
		return errReadOnly
	}
	v.mu.Lock()
	found := v.selectLocked(set)
	for _, e := range found {
		e.store(flags)
		v.folder.tracker.QueueMessageFlags(e.own, e.uid, e.flagList(), v.tracker)
	}
	v.mu.Unlock()
	if flags.Silent {
		return nil
	}
	return s.write(w, found, &imap.FetchOptions{Flags: true, UID: true})
}

// store changes a letter's flags. The folder's lock is held.
func (e *entry) store(change *imap.StoreFlags) {
	if change.Op == imap.StoreFlagsSet {
		clear(e.flags)
	}
	for _, flag := range change.Flags {
		if change.Op == imap.StoreFlagsDel {
			delete(e.flags, lowerFlag(flag))
		} else {
			e.flags[lowerFlag(flag)] = flag
		}
	}
}
