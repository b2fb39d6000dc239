package imap

import (
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

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
		m.Flags, m.HasFlags, err = r.flags()
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
