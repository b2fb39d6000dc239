package mimetool

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
)

// bigMessage is a message with a text and one attachment in base64.
func bigMessage(size int) []byte {
	raw := make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(raw)
	var m bytes.Buffer
	m.WriteString("From: a@example.org\r\nSubject: big\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=\"=_b1\"\r\n\r\n--=_b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n" +
		"--=_b1\r\nContent-Type: application/octet-stream; name=\"big.bin\"\r\nContent-Disposition: attachment; filename=\"big.bin\"\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n")
	m.Write(wrapped(raw, 76, "\r\n"))
	m.WriteString("--=_b1--\r\n")
	return m.Bytes()
}

// smallMessage is like those that most mailboxes are full of.
func smallMessage(i int) []byte {
	return fmt.Appendf(nil, "Return-Path: <a%d@example.org>\nReceived: from a (b [192.0.2.1]) by c; Mon, 1 Jan 2024 00:00:00 +0000\n"+
		"From: =?utf-8?Q?J=C3=BCrgen?= <a%d@example.org>\nTo: b@example.net\nSubject: =?koi8-r?B?8NLJ18XU?= %d\n"+
		"Date: Mon, 1 Jan 2024 00:00:00 +0000\nMessage-ID: <%d@example.org>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/mixed; boundary=q\n\n--q\nContent-Type: text/plain\n\nhello\n--q\n"+
		"Content-Type: image/png; name=a.png\nContent-Disposition: attachment; filename=a.png\nContent-Transfer-Encoding: base64\n\n"+
		"iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB\n--q--\n", i, i, i, i)
}

func BenchmarkWalkBig(b *testing.B) {
	m := bigMessage(20 << 20)
	w := NewWalker(bytes.NewReader(nil), Limits{})
	for _, decode := range []bool{false, true} {
		b.Run(fmt.Sprintf("decode=%v", decode), func(b *testing.B) {
			b.SetBytes(int64(len(m)))
			for b.Loop() {
				w.Reset(bytes.NewReader(m))
				for p, err := range w.Parts() {
					if err != nil {
						b.Fatal(err)
					}
					if decode && !p.IsContainer() {
						io.Copy(io.Discard, p.Decoded())
					}
				}
			}
		})
	}
}

func BenchmarkWalkSmall(b *testing.B) {
	var ms [100][]byte
	for i := range ms {
		ms[i] = smallMessage(i)
	}
	w := NewWalker(bytes.NewReader(nil), Limits{})
	r := bytes.NewReader(nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Reset(ms[i%len(ms)])
		w.Reset(r)
		for _, err := range w.Parts() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
