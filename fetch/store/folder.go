package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrFolderName: a folder's name cannot be one of files.
var ErrFolderName = errors.New("the folder's name cannot be mapped to a file's")

// maxName is a file name's length that all file systems have.
const maxName = 255

// maildirFolder is Maildir++'s name of a folder: ".A.B".
func maildirFolder(parts []string) string { return "." + strings.Join(parts, ".") }

// dirFolder is a folder below others.
func dirFolder(parts []string) string { return filepath.Join(parts...) }

// EncodeFolder makes of one level of a folder's name a safe one of a file, from which DecodeFolder makes it again. Octets that
// are not letters, digits, blanks between others or of "-_+=,@()[]!#&'" or that are not UTF-8 or printable become %XX.
// Dots do, as Maildir++ separates by them; so nothing begins with a dot, nor is "..". Twin says that the
// first octet and capitals become %XX too: for a name from which another differs in case alone.
func EncodeFolder(name string, twin bool) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		r, n := utf8.DecodeRuneInString(name[i:])
		blank := r == ' ' && (i == 0 || i+n == len(name))
		switch {
		case safeRune(r) && !(r == utf8.RuneError && n == 1) && !blank && !(twin && (i == 0 || unicode.IsUpper(r))):
			b.WriteString(name[i : i+n])
		default:
			for _, c := range []byte(name[i : i+n]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
		i += n
	}
	if b.Len() == 0 {
		return "%" // an empty level
	}
	return b.String()
}

func safeRune(r rune) bool {
	switch {
	case r >= utf8.RuneSelf:
		return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return true
	}
	return strings.ContainsRune(" -_+=,@()[]!#&'", r)
}

// DecodeFolder is the name that EncodeFolder was given.
func DecodeFolder(name string) (string, error) {
	decoded, ok := Unescape(name)
	if !ok {
		return "", ErrFolderName
	}
	return decoded, nil
}

// Unescape reads octets that are written as %XX; "%" alone is the empty text. It is false where two digits are missing.
func Unescape(s string) (text string, ok bool) {
	switch {
	case s == "%":
		return "", true
	case !strings.Contains(s, "%"):
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		c, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(c))
		i += 2
	}
	return b.String(), true
}

// folders remembers which folder is where, so that each is made once.
type folders struct {
	root  string
	known map[string]string // by the parts with NUL between → the name below root
	taken map[string]string // folded name → name, of all that are there
}

func newFolders(root string) *folders { return &folders{root: root, known: map[string]string{}} }

// find is the folder's name below root. Its parts are joined as join says; where it is new, make makes it.
func (f *folders) find(path []string, join func([]string) string, make func(dir string) error) (string, error) {
	key := strings.Join(path, "\x00")
	if name, ok := f.known[key]; ok {
		return name, nil
	}
	if err := f.look(); err != nil {
		return "", err
	}
	name := join(encodeAll(path, false))
	if other, ok := f.taken[strings.ToLower(name)]; ok && other != name {
		name = join(encodeAll(path, true)) // some file systems do not tell capitals from small letters
	}
	if len(name) > maxName || strings.ContainsRune(key, 0) && len(path) > 64 {
		return "", fmt.Errorf("%w: %q is too long", ErrFolderName, strings.Join(path, "/"))
	}
	if err := make(filepath.Join(f.root, name)); err != nil {
		return "", err
	}
	f.known[key] = name
	f.taken[strings.ToLower(name)] = name
	return name, nil
}

func encodeAll(path []string, twin bool) []string {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = EncodeFolder(p, twin)
	}
	return parts
}

// look reads once which folders are there.
func (f *folders) look() error {
	if f.taken != nil {
		return nil
	}
	entries, err := os.ReadDir(f.root)
	if err != nil {
		return err
	}
	f.taken = map[string]string{}
	for _, e := range entries {
		f.taken[strings.ToLower(e.Name())] = e.Name()
	}
	return nil
}
