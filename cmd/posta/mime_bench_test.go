package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The jobs over many small messages. The limit is that of opening, reading and closing a file:
//
//	go test -run - -bench MimePaths ./cmd/posta
func BenchmarkMimePathsHeader(b *testing.B) {
	benchmarkPaths(b, "posta", "mime", "header", "-d", "Subject", "--stream", "paths", "-0")
}

func BenchmarkMimePathsTree(b *testing.B) {
	benchmarkPaths(b, "posta", "mime", "tree", "--stream", "paths", "-0")
}

func BenchmarkMimePathsLimit(b *testing.B) {
	names := strings.Split(smallMessages(b, 1000), "\x00")
	buf := make([]byte, 4<<10)
	for b.Loop() {
		for _, name := range names[:len(names)-1] {
			f, err := os.Open(name)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := f.Read(buf); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	}
	b.ReportMetric(float64(len(names))*float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

func benchmarkPaths(b *testing.B, args ...string) {
	list := smallMessages(b, 1000)
	for b.Loop() {
		e, _, stderr := testEnv(list)
		e.stdout = io.Discard
		e.out = newOutput(e)
		if status := run(context.Background(), e, args); status != 0 {
			b.Fatalf("%d %s", status, stderr)
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

// smallMessages makes n files and gives their names, each ended by NUL.
func smallMessages(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	var names bytes.Buffer
	for i := range n {
		m := fmt.Sprintf("Return-Path: <a%[1]d@example.org>\nReceived: from a (b [192.0.2.1]) by c; Mon, 1 Jan 2024 00:00:00 +0000\n"+
			"From: =?utf-8?Q?J=C3=BCrgen?= <a%[1]d@example.org>\nTo: b@example.net\nSubject: =?utf-8?B?0J/RgNC40LLQtdGC?= %[1]d\n"+
			"Date: Mon, 1 Jan 2024 00:00:00 +0000\nMessage-ID: <%[1]d@example.org>\nMIME-Version: 1.0\n"+
			"Content-Type: multipart/mixed; boundary=q\n\n--q\nContent-Type: text/plain\n\nhello\n--q\nContent-Type: image/png; name=a.png\n"+
			"Content-Disposition: attachment; filename=a.png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--q--\n", i)
		name := filepath.Join(dir, fmt.Sprintf("%d.eml", i))
		if err := os.WriteFile(name, []byte(m), 0o600); err != nil {
			b.Fatal(err)
		}
		names.WriteString(name + "\x00")
	}
	return names.String()
}
