package main

import (
	"context"
	"iter"

	"posta/fetch/pop3"
	"posta/fetch/query"
	"posta/mimetool"
)

// popSearch finds out which letters a query finds. What the sizes do not tell the headers do, by TOP, and what these do not tell
// the letters themselves: each is asked for only where it is needed, many at a time.
type popSearch struct {
	*popSession
	query   *query.Query
	finder  *query.Finder // nil: bodies do not matter
	walker  *mimetool.Walker
	letters *pop3.Subset // those that may be found
	doubts  *pop3.Subset // those of them of which more must be known
	failed  *failures
}

// search gives those of letters that a query finds. One that the server does not show is told, and is not found. Those of large,
// which may be nil, are not read whole: where their headers do not tell, they are found.
func (s *popSession) search(ctx context.Context, q *query.Query, letters, large *pop3.Subset, failed *failures) (*pop3.Subset, error) {
	p := &popSearch{
		popSession: s, query: q, finder: q.Finder(), failed: failed,
		walker: mimetool.NewWalker(nil, mimetool.Limits{}), letters: s.box.Subset(false),
	}
	p.letters.AddAll(letters)
	p.bySize()
	if p.needsHeaders() {
		if err := p.byTop(ctx); err != nil {
			return nil, err
		}
	}
	if large != nil {
		p.doubts.Drop(large)
	}
	if p.doubts.Len() > 0 {
		if err := p.each(s.client.Retrieve(ctx, p.doubts.Letters()), true); err != nil {
			return nil, err
		}
	}
	p.letters.Drop(p.doubts) // nobody acts upon what is not known
	return p.letters, s.box.Err()
}

// bySize judges by what LIST told.
func (p *popSearch) bySize() {
	p.doubts = p.box.Subset(false)
	for i, l := range p.letters.All() {
		p.verdict(i, p.query.Judge(&query.Message{Size: l.Size}))
	}
}

// verdict takes out what is not found.
func (p *popSearch) verdict(i int, v query.Verdict) {
	switch p.doubts.Remove(i); v {
	case query.Unknown:
		p.doubts.Add(i)
	case query.No:
		p.letters.Remove(i)
	}
}

// needsHeaders says whether a header may tell more.
func (p *popSearch) needsHeaders() bool {
	for key := range p.query.Keys() {
		switch key {
		case "all", "larger", "smaller", "body":
		default:
			return p.doubts.Len() > 0
		}
	}
	return false
}

// byTop judges by the headers. A server without TOP shows them with the whole letters.
func (p *popSearch) byTop(ctx context.Context) error {
	caps := p.client.Capabilities()
	if len(caps.Lines) > 0 && !caps.TOP {
		return p.each(p.client.Retrieve(ctx, p.doubts.Letters()), true)
	}
	return p.each(p.client.Top(ctx, p.doubts.Letters(), 0), false)
}

// each judges letters that come in, whole or their headers alone.
func (p *popSearch) each(letters iter.Seq2[*pop3.Message, error], whole bool) error {
	for m, err := range letters {
		if m == nil {
			return err
		}
		i := p.box.Index(m.Number)
		v := query.No
		if err == nil {
			var broken error
			if v, err, broken = p.judge(m, whole); broken != nil {
				return broken
			}
		}
		if err != nil {
			p.failed.add(p.env, popName(m.Letter), err)
		}
		p.verdict(i, v)
	}
	return nil
}
