package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"posta/fetch/store"
	"posta/mimetool"
)

// sorter is a store that hands each letter to another by the addresses in its header.
type sorter struct {
	opt    *popGetOptions
	out    io.Writer
	common store.Options
	stores map[string]store.Store // by spec
	walker *mimetool.Walker
}

// sorterGroups is how many messages the groups of all stores have together: each message has its file open.
const sorterGroups = 64

// openSorter opens the stores of all rules at once, so that one that cannot be had is known before anything is fetched.
func openSorter(o *popGetOptions, out io.Writer, common store.Options) (*sorter, error) {
	common.Group = max(1, sorterGroups/(len(o.rules)+1))
	s := &sorter{opt: o, out: out, common: common, stores: map[string]store.Store{}, walker: mimetool.NewWalker(nil, mimetool.Limits{})}
	for _, rule := range append([]popRule{{to: o.to}}, o.rules...) {
		if _, err := s.open(rule.to); err != nil {
			return nil, firstError(err, s.Close())
		}
	}
	return s, nil
}

func (s *sorter) open(spec string) (store.Store, error) {
	if st := s.stores[spec]; st != nil {
		return st, nil
	}
	opt := s.common
	if opt.Journal != nil {
		opt.Journal = &placedJournal{opt.Journal, spec}
	}
	st, err := store.Open(spec, s.out, opt)
	if err == nil {
		s.stores[spec] = st
	}
	return st, err
}

// maxSortHeader is how much of a letter is looked at for its addresses.
const maxSortHeader = 256 << 10

// Put reads the header, chooses the store, and gives it the whole letter.
func (s *sorter) Put(ctx context.Context, m *store.Message) (*store.Receipt, error) {
	head, err := io.ReadAll(newHeaderReader(m.Reader))
	if err != nil {
		return nil, err
	}
	st, err := s.open(s.choose(head))
	if err != nil {
		return nil, err
	}
	whole := *m
	whole.Reader = io.MultiReader(strings.NewReader(string(head)), m.Reader)
	return st.Put(ctx, &whole)
}

// choose is the spec of the store for a letter that begins so. The fields are looked at in their order, and in each the
// rules in theirs: who stands in Delivered-To is the one whom it was delivered to.
func (s *sorter) choose(head []byte) string {
	s.walker.Reset(strings.NewReader(string(head)))
	p, err := s.walker.Next()
	if err != nil {
		return s.opt.to
	}
	for _, name := range s.opt.sortBy {
		for _, value := range p.Header.Values(name) {
			list, _ := mimetool.ParseAddressList(value, mimetool.WordOptions{})
			for i := range s.opt.rules {
				for _, a := range list {
					if s.opt.rules[i].fits(a.Addr) {
						return s.opt.rules[i].to
					}
				}
			}
		}
	}
	return s.opt.to
}

// Flush flushes all.
func (s *sorter) Flush(ctx context.Context) (err error) {
	for _, st := range s.stores {
		err = firstError(err, st.Flush(ctx))
	}
	return err
}

// Holds asks the store that the place is of.
func (s *sorter) Holds(place string) (bool, error) {
	spec, rest, ok := strings.Cut(place, "\n")
	if !ok {
		return false, nil
	}
	st, err := s.open(spec)
	if errors.Is(err, store.ErrSpec) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return st.Holds(rest)
}

// Close closes all.
func (s *sorter) Close() (err error) {
	for _, st := range s.stores {
		err = firstError(err, st.Close())
	}
	return err
}

// placedJournal adds to places which store they are of.
type placedJournal struct {
	store.Journal
	spec string
}

func (j *placedJournal) Prepare(group []*store.Receipt) error {
	for _, r := range group {
		if r.Place != "" {
			r.Place = j.spec + "\n" + r.Place
		}
	}
	return j.Journal.Prepare(group)
}

// headerReader reads up to the empty line that ends a header, or so much as is looked at, and no octet more.
type headerReader struct {
	r    io.Reader
	left int
	tail [4]byte
	one  [1]byte
	done bool
}

func newHeaderReader(r io.Reader) *headerReader { return &headerReader{r: r, left: maxSortHeader} }

// Read gives an octet at a time: it must not read beyond the header, and headers are short.
func (h *headerReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if h.done || h.left == 0 {
			return n, io.EOF
		}
		k, err := h.r.Read(h.one[:])
		if k > 0 {
			p[n] = h.one[0]
			n++
			h.left--
			h.tail = [4]byte{h.tail[1], h.tail[2], h.tail[3], h.one[0]}
			h.done = h.tail == [4]byte{'\r', '\n', '\r', '\n'} || h.tail[2] == '\n' && h.tail[3] == '\n'
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
