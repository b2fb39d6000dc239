package store

import (
	"context"
	"strings"
	"testing"
)

// BenchmarkMaildir stores letters of 8 KiB, all synced.
func BenchmarkMaildir(b *testing.B) {
	text := strings.Repeat("0123456789012345678901234567890123456789012345678901234567890123456789012345\r\n", 105)
	s, err := Open("maildir:"+b.TempDir(), nil, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := s.Put(context.Background(), &Message{Reader: strings.NewReader(text)}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
