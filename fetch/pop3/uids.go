package pop3

import (
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	maxUID       = 255 // RFC 1939 §7 says 70
	uidPiece     = 64 << 10
	piecesInside = 16 // in memory
)

// ErrSpool: the unique-ids of a large mailbox cannot be kept in a temporary file. It wraps why.
var ErrSpool = errors.New("a temporary file for unique-ids")

func spoolError(err error) error { return fmt.Errorf("%w: %w", ErrSpool, err) }

// uidList keeps unique-ids, each after its length, in pieces. The first pieces are in memory, the others in a temporary file.
type uidList struct {
	inside [][]byte
	last   []byte // the piece that is being filled
	n      int    // whole pieces
	file   *os.File
	loaded []byte // the piece of the file that was read last
	which  int    // its number
	err    error
}

// add keeps a unique-id, and gives its place, which is not 0.
func (u *uidList) add(uid string) (place uint32, err error) {
	if len(u.last)+1+len(uid) > uidPiece {
		if err := u.seal(); err != nil {
			return 0, err
		}
	}
	place = uint32(u.n*uidPiece+len(u.last)) + 1
	u.last = append(append(u.last, byte(len(uid))), uid...)
	return place, nil
}

// seal puts the last piece to the others.
func (u *uidList) seal() error {
	if u.n < piecesInside {
		u.inside, u.last = append(u.inside, u.last), make([]byte, 0, uidPiece)
		u.n++
		return nil
	}
	if u.file == nil {
		f, err := os.CreateTemp("", "posta-uidl-")
		if err != nil {
			return spoolError(err)
		}
		os.Remove(f.Name()) // where that is not possible, close does it
		u.file, u.which = f, -1
	}
	if _, err := u.file.WriteAt(u.last, int64(u.n-piecesInside)*uidPiece); err != nil {
		return spoolError(err)
	}
	u.last = u.last[:0]
	u.n++
	return nil
}

// at gives the unique-id of a place; "" for 0.
func (u *uidList) at(place uint32) string {
	if place == 0 {
		return ""
	}
	piece := u.piece(int(place-1) / uidPiece)
	from := int(place-1) % uidPiece
	if from >= len(piece) {
		return "" // err says why
	}
	n := int(piece[from])
	return string(piece[from+1 : from+1+n])
}

// piece gives the k-th; nil when it cannot be read.
func (u *uidList) piece(k int) []byte {
	switch {
	case k == u.n:
		return u.last
	case k < len(u.inside):
		return u.inside[k]
	case k-piecesInside == u.which:
		return u.loaded
	}
	u.which = k - piecesInside
	if u.loaded == nil {
		u.loaded = make([]byte, uidPiece)
	}
	n, err := u.file.ReadAt(u.loaded[:uidPiece], int64(u.which)*uidPiece)
	if err != nil && !(errors.Is(err, io.EOF) && n > 0) {
		u.err, u.which = spoolError(err), -1
		return nil
	}
	return u.loaded
}

func (u *uidList) close() error {
	if u.file == nil {
		return nil
	}
	err := u.file.Close()
	os.Remove(u.file.Name())
	u.file = nil
	return err
}
