package mimetool

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A Joiner puts the fragments of messages (message/partial, RFC 2046 §5.2.2) together, in whatever order they come. It
// keeps them, beyond 1 MiB in a file without a name. Not for several goroutines at a time.
type Joiner struct {
	Limits Limits // of a fragment's header

	kept spool
	sets map[string]*fragmentSet
	ids  []string // in the order of their first fragments
}

// A fragmentSet is the fragments of one message.
type fragmentSet struct {
	total  int
	pieces map[int]joinPiece
}

// A joinPiece is where a fragment is kept: its header, its body.
type joinPiece struct{ start, body, end int64 }

// maxFragments is how many fragments a message may have.
const maxFragments = 100_000

// ErrNoFragment is what Add says of a message that is no message/partial with an id and a number.
var ErrNoFragment = errors.New("the message is no fragment of another")

// Add takes a fragment. When it is the last that was missing, the message comes back whole; it must be read before the
// next call. A fragment that came before is passed over.
func (j *Joiner) Add(r io.Reader) (message io.Reader, err error) {
	w := NewWalker(r, j.Limits)
	p, err := w.Next()
	if err == nil {
		err = w.Err()
	}
	if err != nil {
		return nil, err
	}
	params := p.Params()
	id := params.Get("id")
	number, numberErr := strconv.Atoi(params.Get("number"))
	if p.Type != "message/partial" || id == "" || numberErr != nil || number < 1 || number > maxFragments {
		return nil, ErrNoFragment
	}
	set := j.set(id)
	if total, err := strconv.Atoi(params.Get("total")); err == nil && total >= 1 && total <= maxFragments {
		set.total = total
	}
	if _, again := set.pieces[number]; !again {
		piece, err := j.keep(p, number == 1)
		if err != nil {
			return nil, err
		}
		set.pieces[number] = piece
	}
	if set.total == 0 || len(set.missing()) > 0 {
		return nil, nil
	}
	delete(j.sets, id)
	j.ids = slices.DeleteFunc(j.ids, func(s string) bool { return s == id })
	return j.message(set)
}

func (j *Joiner) set(id string) *fragmentSet {
	if j.sets == nil {
		j.sets = make(map[string]*fragmentSet)
	}
	if j.sets[id] == nil {
		j.sets[id] = &fragmentSet{pieces: make(map[int]joinPiece)}
		j.ids = append(j.ids, id)
	}
	return j.sets[id]
}

// keep spools a fragment: of the first the header too.
func (j *Joiner) keep(p *Part, first bool) (joinPiece, error) {
	piece := joinPiece{start: j.kept.size}
	if first {
		for _, f := range p.Header {
			if _, err := j.kept.Write(f.Raw); err != nil {
				return piece, err
			}
		}
	}
	piece.body = j.kept.size
	_, err := io.Copy(&j.kept, p.Decoded())
	piece.end = j.kept.size
	return piece, err
}

// missing are the numbers that have not come.
func (s *fragmentSet) missing() []int {
	var list []int
	for n := 1; n <= s.total; n++ {
		if _, ok := s.pieces[n]; !ok {
			list = append(list, n)
		}
	}
	return list
}

// message puts a message together: the fields of the first fragment that are not its own, those of the message in it,
// and the bodies.
func (j *Joiner) message(set *fragmentSet) (io.Reader, error) {
	first := set.pieces[1]
	header := make([]byte, first.body-first.start)
	all := j.kept.reader()
	if _, err := all.ReadAt(header, first.start); err != nil && err != io.EOF {
		return nil, err
	}
	var outer strings.Builder
	for _, f := range ParseHeader(header) {
		if !staysInside(f.Name) {
			outer.Write(f.Raw)
		}
	}
	readers := []io.Reader{strings.NewReader(outer.String())}
	for n := 1; n <= set.total; n++ {
		piece := set.pieces[n]
		readers = append(readers, io.NewSectionReader(all, piece.body, piece.end-piece.body))
	}
	return io.MultiReader(readers...), nil
}

// Incomplete are the messages of which fragments are missing, as text for people, in the order of their first fragments.
func (j *Joiner) Incomplete() []error {
	var list []error
	for _, id := range j.ids {
		set := j.sets[id]
		if set.total == 0 {
			list = append(list, fmt.Errorf("message %q has %d fragments but not the last", id, len(set.pieces)))
			continue
		}
		list = append(list, fmt.Errorf("message %q lacks fragments %v of %d", id, set.missing(), set.total))
	}
	return list
}

// Close gives back what the fragments are kept in.
func (j *Joiner) Close() error { return j.kept.close() }
