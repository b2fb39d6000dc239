package main

import (
	"context"
	"strconv"
)

// mxPrinter prints answers in the order of the domains and keeps count of what became of them.
type mxPrinter struct {
	e        *env
	o        *mxOptions
	total    int
	failed   int
	statuses map[int]int // of the failed
}

// print prints one domain's answer: its data on standard output, what is wrong with it on standard error.
func (p *mxPrinter) print(res *mxResult) error {
	p.total++
	if status := statusOfLookup(res.err); status != exitOK {
		if p.statuses == nil {
			p.statuses = make(map[int]int)
		}
		p.failed++
		p.statuses[status]++
		p.e.warn("%v", res.err)
	}
	p.remarks(res)
	if p.o.json {
		return p.e.out.JSON(res)
	}
	for i := range res.MX {
		if err := p.host(res, &res.MX[i]); err != nil {
			return err
		}
	}
	for _, s := range res.Services {
		fields := []string{res.Name, s.Service, number(s.Priority), number(s.Weight), number(s.Port), s.Host}
		if err := p.e.out.Line(append(fields, p.secure(res)...)...); err != nil {
			return err
		}
	}
	return nil
}

// only prints the answer of the only domain.
func (p *mxPrinter) only(ctx context.Context, res *mxResult) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := p.print(res); err != nil {
		return err
	}
	return p.status()
}

// host prints the line of a host: one for each of its addresses where these are wanted.
func (p *mxPrinter) host(res *mxResult, h *mxHost) error {
	fields := []string{res.Name, number(h.Preference), h.Host}
	if len(p.o.family) > 0 {
		return p.addresses(fields, h, res)
	}
	return p.e.out.Line(append(fields, p.secure(res)...)...)
}

func (p *mxPrinter) addresses(fields []string, h *mxHost, res *mxResult) error {
	if len(h.Addresses) == 0 {
		return p.e.out.Line(append(append(fields, "-"), p.secure(res)...)...)
	}
	for _, a := range h.Addresses {
		if err := p.e.out.Line(append(append(fields[:3:3], a.String()), p.secure(res)...)...); err != nil {
			return err
		}
	}
	return nil
}

// secure is the field that --dnssec adds.
func (p *mxPrinter) secure(res *mxResult) []string {
	switch {
	case res.Secure == nil:
		return nil
	case *res.Secure:
		return []string{"secure"}
	}
	return []string{"insecure"}
}

// remarks says on standard error which hosts are not what an MX has to name.
func (p *mxPrinter) remarks(res *mxResult) {
	for i := range res.MX {
		h := &res.MX[i]
		switch {
		case h.Alias != "":
			p.e.warn("%s: host %s is an alias of %s, which an MX must not name (RFC 2181 §10.3)", res.Name, h.Host, h.Alias)
		case h.Literal && !res.Literal:
			p.e.warn("%s: host %s is an address, where a name has to stand (RFC 5321 §5.1)", res.Name, h.Host)
		case h.err != nil:
			p.e.warn("%s: host %v", res.Name, h.err)
		case h.Host == "." && len(res.MX) > 1:
			p.e.warn("%s: a null MX stands beside others (RFC 7505 §3)", res.Name)
		}
	}
}

// status is 0 when every domain has an answer, 3 when some have; when none has, the status that all share.
func (p *mxPrinter) status() error {
	if p.failed == 0 {
		return nil
	}
	if p.failed == p.total && len(p.statuses) == 1 {
		for status := range p.statuses {
			return silent(status)
		}
	}
	return silent(exitPartial)
}

func number(n uint16) string { return strconv.Itoa(int(n)) }
