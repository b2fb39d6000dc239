package main

import (
	"bufio"
	"crypto/x509"
	"errors"
	"hash/maphash"
	"io"
	"iter"
	"os"
	"strings"
)

// readLines yields the lines of r, which end in end, each without it. A line that is longer than any address comes
// cut, so that it is refused as what it is and takes no memory. The error is written to err at the end.
func readLines(r io.Reader, end byte, err *error) iter.Seq[string] {
	return func(yield func(string) bool) {
		b := bufio.NewReaderSize(r, 64<<10)
		for {
			line, readErr := b.ReadSlice(end)
			text := strings.TrimSuffix(strings.TrimSuffix(string(line), string(rune(end))), "\r")
			for errors.Is(readErr, bufio.ErrBufferFull) {
				_, readErr = b.ReadSlice(end)
			}
			if text != "" && (readErr == nil || errors.Is(readErr, io.EOF)) && !yield(text) {
				return
			}
			if readErr != nil {
				if !errors.Is(readErr, io.EOF) {
					*err = readErr
				}
				return
			}
		}
	}
}

// recent remembers which names were seen, at least the last quarter of a million, in at most some 10 MB: a name that comes again
// later than that counts as new.
type recent struct {
	seed       maphash.Seed
	young, old map[uint64]struct{}
}

const recentNames = 1 << 18

func newRecent() *recent {
	return &recent{seed: maphash.MakeSeed(), young: make(map[uint64]struct{})}
}

// add notes a name and says whether it was seen before. Names are told apart by 64 bits of a keyed hash: among a
// million names two are taken for one less often than once in ten million runs.
func (r *recent) add(name string) bool {
	h := maphash.String(r.seed, name)
	if _, ok := r.young[h]; ok {
		return true
	}
	_, ok := r.old[h]
	if len(r.young) >= recentNames {
		r.old, r.young = r.young, make(map[uint64]struct{})
	}
	r.young[h] = struct{}{}
	return ok
}

// readRoots reads trust roots from a PEM file.
func readRoots(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fail(exitNoInput, "%w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fail(exitConfig, "%s: no PEM certificate in it", file)
	}
	return roots, nil
}
