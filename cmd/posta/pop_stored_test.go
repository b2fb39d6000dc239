package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// storedTexts are the letters under their final names in a Maildir, a directory or an mbox file, as they came over the wire.
func storedTexts(t *testing.T, spec string) (texts []string) {
	t.Helper()
	kind, root, _ := strings.Cut(spec, ":")
	if kind == "mbox" {
		text, err := os.ReadFile(root)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, part := range strings.Split("\n"+string(text), "\nFrom ")[1:] {
			_, letter, _ := strings.Cut(strings.TrimRight(part, "\n"), "\n")
			texts = append(texts, strings.ReplaceAll(letter+"\n", "\n", "\r\n"))
		}
		return texts
	}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err):
			return nil
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "tmp":
			return filepath.SkipDir
		case strings.HasPrefix(d.Name(), ".posta-"): // states, and what has no final name
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case !d.Type().IsRegular(), d.Name() == "maildirfolder":
			return nil
		}
		text, err := os.ReadFile(path)
		texts = append(texts, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// unfinished are the files without final names.
func unfinished(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		below := strings.TrimPrefix(path, dir)
		if err == nil && d.Type().IsRegular() && (strings.Contains(below, "/tmp/") || strings.Contains(below, "/.posta-tmp-")) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
