package account

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

// maxSecret is the longest secret, in octets; OAuth2 tokens run to a few KiB.
const maxSecret = 64 << 10

// private refuses an open file of secrets that others than its owner may read.
func private(f *os.File) error { return permit(f, 0o077, "others than its owner") }

// permit refuses an open regular file that has any of the permission bits forbidden.
func permit(f *os.File, forbidden os.FileMode, who string) error {
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	mode := fi.Mode()
	if runtime.GOOS == "windows" || !mode.IsRegular() || mode.Perm()&forbidden == 0 {
		return nil
	}
	return fmt.Errorf("%s has a secret in it and %s can read it (mode %04o): chmod 600 %s", f.Name(), who, mode.Perm(), f.Name())
}

// firstLine is the first line of r without its end.
func firstLine(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSecret+1))
	if err != nil {
		return "", err
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case len(line) == 0:
		return "", errors.New("the first line is empty")
	case len(line) > maxSecret:
		return "", errors.New("the first line is too long")
	}
	return string(line), nil
}
