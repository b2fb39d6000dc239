package mimetool

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// ErrPassed is what a body gives when its walker has gone on to another part.
var ErrPassed = errors.New("the walker has passed this part")

// A Part is one entity of a message: the message itself, a part of a multipart, a message in a part. It is valid until
// its walker goes on.
type Part struct {
	Index       int      // counts the entities of the message from 0
	Parent      int      // Index of the container; -1: it is the message itself
	Number      string   // as IMAP counts (RFC 9051 §6.4.5): "1.2"; a message that is a multipart is "TEXT" or "2.TEXT"
	Depth       int      // containers around it
	Header      Header   // as written
	Type        string   // in lower case; the default of RFC 2045 §5.2 or RFC 2046 §5.1.5 where the header has none
	Encoding    string   // Content-Transfer-Encoding in lower case, "" where the header has none
	HeaderStart int64    // offset of the header's first octet
	BodyStart   int64    // offset of the body's first octet
	Encoded     int      // transfer encodings around it: where not 0, offsets are those of the decoded message
	Defects     []Defect // of the header; those of the body come with it and in the Extent

	w       *Walker
	walked  bool   // its parts are being walked, or its body was read instead
	framed  bool   // it is a frame: its Extent comes when that is closed
	ended   bool   // its Extent was given
	prefix  string // of its parts' numbers
	decoder Decoder
	content content
}

// IsMultipart tells whether the type is a multipart's.
func (p *Part) IsMultipart() bool { return strings.HasPrefix(p.Type, "multipart/") }

// IsMessage tells whether the body is a message that is walked too (RFC 2046 §5.2.1, RFC 6532 §3.7).
func (p *Part) IsMessage() bool {
	switch p.Type {
	case "message/rfc822", "message/global", "message/news":
		return true
	}
	return false
}

// IsContainer tells whether parts of it may follow.
func (p *Part) IsContainer() bool { return p.IsMultipart() || p.IsMessage() }

// Raw reads the body as it stands in the message. A container whose body is read has no parts given.
func (p *Part) Raw() io.Reader { return &bodyReader{p.w, p.Index} }

// Decoded reads the body without its transfer encoding. Where the encoding is unknown, or a multipart's, that is the
// body as it stands. Each call goes on where the last stopped.
func (p *Part) Decoded() io.Reader {
	if p.decoder == nil {
		if p.IsMultipart() || p.IsMessage() && !p.w.reallyEncoded() {
			return p.Raw() // RFC 2045 §6.4 allows no encoding of a composite type
		}
		d := p.w.decoders.open(p.Encoding, p.Raw())
		if d == nil {
			return p.Raw()
		}
		p.decoder = d
	}
	return p.decoder
}

// BodyDefects are those found in the body so far by reading it with Decoded.
func (p *Part) BodyDefects() []Defect {
	if p.decoder == nil {
		return nil
	}
	list := p.decoder.Defects()
	for i := range list {
		list[i].Where = p.Number
	}
	return list
}

// number gives the part its number, and its parts the start of theirs.
func (p *Part) number(place entityPlace) {
	switch {
	case place.n > 0:
		p.Number = place.prefix + strconv.Itoa(place.n)
		p.prefix = p.Number + "."
	case p.IsMultipart():
		p.Number, p.prefix = place.prefix+"TEXT", place.prefix
	default:
		p.Number = place.prefix + "1"
		p.prefix = p.Number + "."
	}
}
