package imap

import (
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
