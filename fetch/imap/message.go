package imap

import (
	"bytes"
	"io"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// Message is one FETCH response. Its items come in whatever order the server likes, the UID after the literal too: so
// call Next until io.EOF, reading each Literal before the next call; then every field that the server sent is set.
// Between the calls those are set that came so far. Fields that did not come are zero.
//
// A server may send FETCH responses of its own accord, usually with FLAGS alone: what was asked for is then missing.
//
// A Message is valid until the next one is asked for.
type Message struct {
	Seq           uint32 // message sequence number (RFC 9051 §2.3.1.2), as of this response
	UID           goimap.UID
	Flags         []goimap.Flag // with HasFlags: the message's flags, perhaps none
	HasFlags      bool
	InternalDate  time.Time
	Size          int64                // RFC822.SIZE: octets
	Envelope      *goimap.Envelope     // subjects and names are as the header has them: RFC 2047 words are left encoded
	BodyStructure goimap.BodyStructure // nil also if the server's could not be understood
	ModSeq        uint64               // CONDSTORE
	EmailID       string               // OBJECTID (RFC 8474)
	ThreadID      string
	SaveDate      time.Time        // SAVEDATE (RFC 8514)
	BinarySize    map[string]int64 // BINARY.SIZE by part: "1.2"
	Gmail         Gmail

	r       *reader
	depth   int  // parentheses that are open
	content bool // a literal was read
	done    bool
	literal Literal
	names   fetchNames
}

// Gmail is what X-GM-EXT-1 tells of a message.
type Gmail struct {
	MessageID, ThreadID uint64
	Labels              []string // in modified UTF-7, as they come
}

// reset makes m ready for the next response.
func (m *Message) reset(r *reader, seq uint32) {
	*m = Message{Seq: seq, r: r, names: m.names}
}

// Next goes on to the message's next literal. io.EOF is the end of the message; other errors are *Error.
func (m *Message) Next() (*Literal, error) {
	l, err := m.next()
	if err != nil {
		err = m.r.told(err)
	}
	return l, err
}

func (m *Message) next() (*Literal, error) {
	if m.done {
		return nil, io.EOF
	}
	if m.r.open != nil {
		m.r.open = nil
		if err := m.literal.finish(); err != nil {
			return nil, err
		}
		if err := m.behind(); err != nil {
			return nil, err
		}
	}
	for {
		l, end, err := m.item()
		if err != nil {
			return nil, err
		}
		if end {
			m.done = true
			return nil, io.EOF
		}
		if l != nil {
			m.r.open, m.content = l, true
			return l, nil
		}
	}
}

// behind looks at what follows content. Domino may announce less than it sends: what is cut so must not seem whole.
func (m *Message) behind() error {
	c, err := m.r.peek()
	if err == nil && c != ' ' && c != ')' {
		err = m.r.fail(protocolError("content goes on beyond its size"))
	}
	return err
}

// isKnown tells the items that may stand behind content: a word of the content itself is none.
func isKnown(name string) bool {
	switch name {
	case "UID", "FLAGS", "INTERNALDATE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "MODSEQ", "EMAILID", "THREADID", "SAVEDATE", "PREVIEW", "SNIPPET", "RFC822.SIZE":
		return true
	}
	return isSection(name) || strings.HasPrefix(name, "BINARY.SIZE[") || strings.HasPrefix(name, "X-")
}

// finish reads what the caller left.
func (m *Message) finish() error {
	for {
		if _, err := m.next(); err != nil {
			if err == io.EOF {
				err = nil
			}
			return err
		}
	}
}

// item reads one item. Its value may be a literal; end is that of the response, which is read, too.
func (m *Message) item() (l *Literal, end bool, err error) {
	r := m.r
	c, err := r.peek()
	switch {
	case err != nil:
		return nil, false, err
	case c == ' ':
		return nil, false, r.blank()
	case c == '(' && !m.content: // one is right; Domino has some items in another
		m.depth++
		return nil, false, r.blank()
	case c == ')' && m.depth > 1:
		m.depth--
		return nil, false, r.blank()
	case c == ')' && m.depth == 1:
		r.r++
		return nil, true, r.endLine()
	case c == '\r' || c == '\n' || m.depth == 0:
		return nil, false, r.fail(protocolError("FETCH without its list"))
	}
	if err := r.ignore(responseCost); err != nil { // items without end
		return nil, false, err
	}
	name, err := m.itemName()
	if err == nil && m.content && !isKnown(name) {
		err = r.fail(protocolError("content goes on beyond its size: %.40q", name))
	}
	if err != nil {
		return nil, false, err
	}
	if err := r.spaces(); err != nil {
		return nil, false, err
	}
	if c, err = r.peek(); err != nil || c == ')' { // an item without a value
		return nil, false, err
	}
	if isSection(name) {
		m.literal.Section, m.literal.Offset = name, m.names.offset
		return &m.literal, false, r.literal(&m.literal)
	}
	return nil, false, m.attribute(name)
}

// isSection tells items whose value is content, from BODY as the structure and BINARY.SIZE.
func isSection(name string) bool {
	return strings.HasPrefix(name, "BODY[") || strings.HasPrefix(name, "BINARY[") || strings.HasPrefix(name, "RFC822") && name != "RFC822.SIZE"
}

// attribute reads the value of an item that is not content.
func (m *Message) attribute(name string) (err error) {
	r := m.r
	switch name {
	case "UID":
		var n uint64
		n, err = r.number()
		if err == nil && (n == 0 || n > 1<<32-1) {
			err = r.fail(protocolError("UID %d", n))
		}
		m.UID = goimap.UID(n)
	case "RFC822.SIZE":
		m.Size, err = r.size()
	case "FLAGS":
		m.Flags, err = r.flags()
		m.HasFlags = true
	case "INTERNALDATE":
		m.InternalDate, err = r.date()
	case "SAVEDATE":
		m.SaveDate, err = r.date()
	default:
		err = m.structured(name)
	}
	return err
}

// structured reads a value and then looks what it is.
func (m *Message) structured(name string) error {
	part, isSize := strings.CutPrefix(name, "BINARY.SIZE[")
	switch name {
	case "ENVELOPE", "BODY", "BODYSTRUCTURE", "MODSEQ", "EMAILID", "THREADID", "X-GM-MSGID", "X-GM-THRID", "X-GM-LABELS":
	default:
		if !isSize {
			return m.r.skipValue()
		}
	}
	m.r.forget()
	m.r.mail = name == "ENVELOPE" || strings.HasPrefix(name, "BODY")
	n, err := m.r.value(0)
	m.r.mail = false
	if err != nil {
		return err
	}
	switch name {
	case "ENVELOPE":
		m.Envelope = envelope(n)
	case "BODY", "BODYSTRUCTURE":
		m.BodyStructure = bodyStructure(n)
	case "MODSEQ":
		m.ModSeq = n.at(0).number()
	case "EMAILID":
		m.EmailID = n.at(0).text
	case "THREADID":
		m.ThreadID = n.at(0).text
	case "X-GM-MSGID":
		m.Gmail.MessageID = n.number()
	case "X-GM-THRID":
		m.Gmail.ThreadID = n.number()
	case "X-GM-LABELS":
		m.Gmail.Labels = texts(n)
	default:
		if m.BinarySize == nil {
			m.BinarySize = map[string]int64{}
		}
		m.BinarySize[strings.TrimSuffix(part, "]")] = int64(min(n.number(), maxLiteral))
	}
	return nil
}

// texts are the texts of a list.
func texts(n node) []string {
	var list []string
	for _, item := range n.list {
		list = append(list, item.text)
	}
	return list
}

// flags reads a list of flags.
func (r *reader) flags() ([]goimap.Flag, error) {
	if ok, err := r.accept('('); err != nil || !ok {
		if err == nil {
			err = r.skipValue()
		}
		return nil, err
	}
	var flags []goimap.Flag
	for {
		c, err := r.peek()
		switch {
		case err != nil:
			return nil, err
		case c == ' ':
			if err := r.blank(); err != nil {
				return nil, err
			}
			continue
		case c == ')':
			r.r++
			return flags, nil
		}
		word, ok, err := r.str()
		if err != nil {
			return nil, err
		}
		if err := r.keep(word); err != nil {
			return nil, err
		}
		if ok {
			flags = append(flags, flagOf(word))
		}
		if len(flags) > maxFlags {
			return nil, r.fail(protocolError("more than %d flags", maxFlags))
		}
	}
}

const maxFlags = 4096

// flagOf is the flag of this name; the usual ones take no memory, and are spelt in the usual way.
func flagOf(word []byte) goimap.Flag {
	for _, f := range [...]goimap.Flag{
		goimap.FlagSeen, goimap.FlagAnswered, goimap.FlagFlagged, goimap.FlagDeleted, goimap.FlagDraft, `\Recent`,
		goimap.FlagForwarded, goimap.FlagJunk, goimap.FlagNotJunk,
	} {
		if len(f) == len(word) && (string(f) == string(word) || strings.EqualFold(string(f), string(word))) {
			return f
		}
	}
	return goimap.Flag(word)
}

// date reads a date-time (RFC 9051 §9); one that is none is the zero time.
func (r *reader) date() (time.Time, error) {
	text, ok, err := r.str()
	if err != nil || !ok {
		return time.Time{}, err
	}
	return dateTime(string(bytes.TrimSpace(text))), nil
}

func dateTime(s string) time.Time {
	for _, layout := range []string{"_2-Jan-2006 15:04:05 -0700", "2-Jan-2006 15:04:05 -0700", "_2-Jan-2006 15:04:05 MST"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
