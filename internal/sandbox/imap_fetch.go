package sandbox

import (
	"bufio"
	"bytes"
	"io"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message/textproto"
)

// Fetch writes what is asked for. The folder is not locked while the client takes its time.
func (s *imapSession) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	v := s.view
	peek := v.readOnly || !slices.ContainsFunc(options.BodySection, func(b *imap.FetchItemBodySection) bool { return !b.Peek })
	v.mu.Lock()
	found := v.selectLocked(set)
	for _, e := range found {
		if !peek && !e.has(imap.FlagSeen) {
			e.flags[lowerFlag(imap.FlagSeen)] = imap.FlagSeen
			v.folder.tracker.QueueMessageFlags(e.own, e.uid, e.flagList(), nil)
		}
	}
	v.mu.Unlock()
	return s.write(w, found, options)
}

// write writes FETCH responses for letters that the client knows.
func (s *imapSession) write(w *imapserver.FetchWriter, found []numbered, options *imap.FetchOptions) error {
	for _, e := range found {
		if e.client == 0 {
			continue
		}
		s.view.mu.Lock()
		flags := e.flagList()
		s.view.mu.Unlock()
		if err := e.fetch(w.CreateMessage(e.client), flags, options); err != nil {
			return err
		}
	}
	return nil
}

// flagList is a letter's flags, sorted. The folder's lock is held.
func (e *entry) flagList() []imap.Flag {
	flags := []imap.Flag{}
	for _, flag := range e.flags {
		flags = append(flags, flag)
	}
	slices.Sort(flags)
	return flags
}

// fetch writes one response. It ends it after an error, too: else the connection's next response, if only that it is over, would
// wait for this one for ever.
func (e *entry) fetch(w *imapserver.FetchResponseWriter, flags []imap.Flag, options *imap.FetchOptions) (err error) {
	defer func() {
		if err != nil {
			w.Close()
		}
	}()
	if options.UID {
		w.WriteUID(e.uid)
	}
	if options.Flags {
		w.WriteFlags(flags)
	}
	if options.InternalDate {
		w.WriteInternalDate(e.date)
	}
	if options.RFC822Size {
		w.WriteRFC822Size(e.size)
	}
	if err := e.fetchParsed(w, options); err != nil {
		return err
	}
	for _, item := range options.BodySection {
		if err := e.fetchSection(w, item); err != nil {
			return err
		}
	}
	return w.Close()
}

// fetchParsed writes the items for which the letter has to be understood.
func (e *entry) fetchParsed(w *imapserver.FetchResponseWriter, options *imap.FetchOptions) error {
	if !options.Envelope && options.BodyStructure == nil && len(options.BinarySection)+len(options.BinarySectionSize) == 0 {
		return nil
	}
	letter, err := e.bytes()
	if err != nil {
		return err
	}
	if options.Envelope {
		header, _ := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(letter)))
		w.WriteEnvelope(imapserver.ExtractEnvelope(header))
	}
	if options.BodyStructure != nil {
		w.WriteBodyStructure(imapserver.ExtractBodyStructure(bytes.NewReader(letter)))
	}
	for _, item := range options.BinarySection {
		if err := writeLiteral(w.WriteBinarySection, item, imapserver.ExtractBinarySection(bytes.NewReader(letter), item)); err != nil {
			return err
		}
	}
	for _, item := range options.BinarySectionSize {
		w.WriteBinarySectionSize(item, imapserver.ExtractBinarySectionSize(bytes.NewReader(letter), item))
	}
	return nil
}

// fetchSection writes a section. The whole letter, its header and its text are what was caught, octet for octet; only
// parts and single fields go through a parser.
func (e *entry) fetchSection(w *imapserver.FetchResponseWriter, item *imap.FetchItemBodySection) error {
	if len(item.Part) > 0 || item.Specifier == imap.PartSpecifierMIME || len(item.HeaderFields)+len(item.HeaderFieldsNot) > 0 {
		letter, err := e.bytes()
		if err != nil {
			return err
		}
		return writeLiteral(w.WriteBodySection, item, imapserver.ExtractBodySection(bytes.NewReader(letter), item))
	}
	start, end, err := e.span(item.Specifier)
	if err != nil {
		return err
	}
	if p := item.Partial; p != nil {
		start = min(start+p.Offset, end)
		end = min(end, start+p.Size)
	}
	r, err := e.open()
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, start); err != nil {
		return err
	}
	out := w.WriteBodySection(item, end-start)
	if _, err := io.CopyN(out, r, end-start); err != nil {
		return err
	}
	return out.Close()
}

// span is where the letter, its header with the empty line, or its text begins and ends.
func (e *entry) span(what imap.PartSpecifier) (start, end int64, err error) {
	if what == imap.PartSpecifierNone {
		return 0, e.size, nil
	}
	r, err := e.open()
	if err != nil {
		return 0, 0, err
	}
	defer r.Close()
	text, err := headerLength(bufio.NewReader(r))
	if what == imap.PartSpecifierHeader {
		return 0, text, err
	}
	return text, e.size, err
}

// headerLength is how long a letter's header is, with the empty line that ends it.
func headerLength(r *bufio.Reader) (n int64, err error) {
	whole := true
	for {
		line, err := r.ReadSlice('\n')
		n += int64(len(line))
		switch {
		case err == io.EOF:
			return n, nil
		case err != nil && err != bufio.ErrBufferFull:
			return n, err
		case whole && len(bytes.TrimRight(line, "\r\n")) == 0:
			return n, nil
		}
		whole = err == nil
	}
}

// writeLiteral writes data as the literal of an item.
func writeLiteral[Item any](begin func(Item, int64) io.WriteCloser, item Item, data []byte) error {
	out := begin(item, int64(len(data)))
	if _, err := out.Write(data); err != nil {
		return err
	}
	return out.Close()
}

// bytes is the letter, whole.
func (c content) bytes() ([]byte, error) {
	r, err := c.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
