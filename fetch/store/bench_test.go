package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posta/internal/atomicfile"
)

// benchText is a letter of 8 KiB.
func benchText() string {
	return strings.Repeat("0123456789012345678901234567890123456789012345678901234567890123456789012345\r\n", 105)
}

// BenchmarkMaildir stores letters of 8 KiB, all synced: a sync and a rename each, and one of the folder for a group.
func BenchmarkMaildir(b *testing.B) {
	text := benchText()
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

// BenchmarkPlain is what a Maildir is compared with: each file is written, synced and renamed before the next.
func BenchmarkPlain(b *testing.B) { benchmarkPlain(b, func(f *os.File) error { return f.Sync() }) }

// BenchmarkUnsynced is the bound: files are written and renamed, nothing is synced.
func BenchmarkUnsynced(b *testing.B) { benchmarkPlain(b, func(*os.File) error { return nil }) }

func benchmarkPlain(b *testing.B, sync func(*os.File) error) {
	text, dir, n := benchText(), b.TempDir(), 0
	if _, err := makeMaildir(dir); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		n++
		name := fmt.Sprint(n)
		temp := filepath.Join(dir, "tmp", name)
		if err := writeSynced(temp, text, sync); err != nil {
			b.Fatal(err)
		}
		if err := atomicfile.Rename(temp, filepath.Join(dir, "new", name)); err != nil {
			b.Fatal(err)
		}
	}
}

func writeSynced(path, text string, sync func(*os.File) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	return sync(f)
}
