package mimetool

import (
	"golang.org/x/text/encoding"
)

// utf7Encoding is UTF-7 (RFC 2152), or the form of it in which IMAP writes mailbox names (RFC 3501 §5.1.3).
type utf7Encoding struct{ imap bool }

// NewDecoder implements encoding.Encoding.
func (e utf7Encoding) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: &utf7Decoder{utf7Encoding: e}}
}

// NewEncoder implements encoding.Encoding.
func (e utf7Encoding) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: &utf7Encoder{utf7Encoding: e}}
}

// shift is the octet that begins a run of base64.
func (e utf7Encoding) shift() byte {
	if e.imap {
		return '&'
	}
	return '+'
}

// value is that of a base64 digit, -1 for another octet.
func (e utf7Encoding) value(c byte) int {
	switch {
	case e.imap && c == ',':
		return 63
	case c == '-' || c == '_' || e.imap && c == '/':
		return -1
	}
	return base64Value(c)
}

// direct tells whether a character stands for itself (RFC 2152 sets D and O, RFC 3501: printable ASCII).
func (e utf7Encoding) direct(c byte) bool {
	if c == e.shift() || c >= 0x7f {
		return false
	}
	if e.imap {
		return c >= ' '
	}
	return c >= ' ' && c != '\\' && c != '~' || c == '\t' || c == '\r' || c == '\n'
}

// EncodeIMAPUTF7 writes a mailbox name in IMAP's modified UTF-7 (RFC 3501 §5.1.3).
func EncodeIMAPUTF7(name string) string {
	s, _ := utf7Encoding{imap: true}.NewEncoder().String(name) // the encoder has no errors
	return s
}

// DecodeIMAPUTF7 reads a mailbox name in IMAP's modified UTF-7. What is no such stays as it is, and the error tells
// where.
func DecodeIMAPUTF7(name string) (string, error) {
	d := &utf7Decoder{utf7Encoding: utf7Encoding{imap: true}, strict: true}
	s, err := (&encoding.Decoder{Transformer: d}).String(name)
	if err != nil {
		return name, err
	}
	return s, nil
}
