package mimetool

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// EncodeOptions are what some encodings need beside the content.
type EncodeOptions struct {
	// LineEnd ends the lines that the encoding makes: "\r\n", which is also meant by "", or "\n".
	LineEnd string
	// Text says that the content is text: its line ends, LF or CRLF, are written as LineEnd by quoted-printable, and
	// become CRLF within base64 (RFC 2045 §6.8). Otherwise every byte is kept.
	Text bool
	// Name and Mode are a uuencoded, yEnc or BinHex file's.
	Name string
	Mode uint32 // permission bits; 0 is 0644
	// Size is the content's length in bytes, which yEnc's first line and BinHex's header name. -1 or 0 where it is
	// unknown: then these two keep the content in memory.
	Size int64
}

// Encodings of RFC 2045 §6, and those that stand beside them in practice, by the names that NewEncoder knows.
const (
	Encoding7bit   = "7bit"
	Encoding8bit   = "8bit"
	EncodingBinary = "binary"
	EncodingBase64 = "base64"
	EncodingQP     = "quoted-printable"
	EncodingUU     = "x-uuencode"
	EncodingYEnc   = "x-yenc"
	EncodingBinHex = "x-binhex40"
)

var errEncodingName = errors.New("no such encoding")

// EncodingName is the full name of an encoding that is named as on a command line: "qp", "uu", "BASE64"; "" when it
// is none of ours.
func EncodingName(name string) string {
	switch name = strings.ToLower(strings.TrimSpace(name)); name {
	case Encoding7bit, Encoding8bit, EncodingBinary, EncodingBase64, EncodingQP, EncodingUU, EncodingYEnc, EncodingBinHex:
		return name
	case "b64", "b":
		return EncodingBase64
	case "qp", "q":
		return EncodingQP
	case "uu", "uue", "uuencode", "x-uue":
		return EncodingUU
	case "yenc":
		return EncodingYEnc
	case "binhex", "hqx", "binhex40":
		return EncodingBinHex
	}
	return ""
}

// NewEncoder gives a writer that encodes what is written to it and writes that to w in large blocks. Close ends the
// encoding; it does not close w.
func NewEncoder(w io.Writer, encoding string, opt EncodeOptions) (io.WriteCloser, error) {
	if opt.LineEnd == "" {
		opt.LineEnd = "\r\n"
	}
	switch EncodingName(encoding) {
	case EncodingBase64:
		return newBase64Encoder(w, opt), nil
	case EncodingQP:
		return newQPEncoder(w, opt), nil
	case Encoding7bit:
		return &lineEncoder{w: w, eol: opt.LineEnd, only7: true}, nil
	case Encoding8bit:
		return &lineEncoder{w: w, eol: opt.LineEnd}, nil
	case EncodingBinary:
		return nopWriteCloser{w}, nil
	case EncodingUU:
		return newUUEncoder(w, opt), nil
	case EncodingYEnc:
		return newYEncEncoder(w, opt), nil
	case EncodingBinHex:
		return newBinHexEncoder(w, opt), nil
	}
	return nil, fmt.Errorf("%w: %q", errEncodingName, encoding)
}

type nopWriteCloser struct{ io.Writer }

func (nopWriteCloser) Close() error { return nil }
