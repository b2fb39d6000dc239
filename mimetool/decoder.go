package mimetool

import "io"

// A Decoder reads a body freed of its transfer encoding. It never fails on what is encoded badly: it gives what can be
// had, and Defects says what was wrong. Its errors are those of the reader below.
type Decoder interface {
	io.Reader
	// Defects are those found so far; their offsets count from the start of the encoded body.
	Defects() []Defect
}

// A NamedDecoder is one of an encoding that names its file: uuencode, yEnc, BinHex.
type NamedDecoder interface {
	Decoder
	// Name is the file's, known when its beginning is read; "" where there is none.
	Name() string
}

// NewDecoder makes the decoder of a Content-Transfer-Encoding (in lower case) over r. It is nil for those that are
// none ("7bit", "8bit", "binary", "") and for unknown ones.
func NewDecoder(encoding string, r io.Reader) Decoder {
	switch encoding {
	case "base64":
		return NewBase64Decoder(r)
	case "quoted-printable":
		return NewQPDecoder(r)
	case "x-uuencode", "x-uue", "uuencode", "uue", "x-uu":
		return NewUUDecoder(r)
	case "binhex", "binhex40", "x-binhex", "x-binhex40", "mac-binhex40":
		return NewBinHexDecoder(r)
	case "yenc", "x-yenc":
		return NewYEncDecoder(r)
	}
	return nil
}

// A decoderCache keeps the buffers of the decoders that most parts need, from one part to the next.
type decoderCache struct {
	block  blockDecoder
	base64 base64Codec
	qp     qpCodec
}

// open is NewDecoder with the buffers of the part before, whose decoder ends with it.
func (c *decoderCache) open(encoding string, r io.Reader) Decoder {
	switch encoding {
	case "base64":
		c.base64 = base64Codec{text: c.base64.text}
		c.block.reset(r, &c.base64)
	case "quoted-printable":
		c.qp = qpCodec{}
		c.block.reset(r, &c.qp)
	default:
		return NewDecoder(encoding, r)
	}
	return &c.block
}
