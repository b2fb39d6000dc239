package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// sendRate is the value of --rate: so many letters in so long. The zero value is no limit.
type sendRate struct {
	count float64
	per   time.Duration
}

// Set parses "20/s", "100/m", "5000/h"; a number alone is by the second.
func (r *sendRate) Set(s string) error {
	number, unit, _ := strings.Cut(s, "/")
	per, ok := map[string]time.Duration{"": time.Second, "s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !ok || !(n > 0) || n > 1e9 {
		return errors.New("needs a number of letters in a time, such as 20/s, 100/m or 5000/h")
	}
	r.count, r.per = n, per
	return nil
}

// String is empty for no limit, so that help shows none.
func (r *sendRate) String() string {
	if r == nil || r.count == 0 {
		return ""
	}
	return strconv.FormatFloat(r.count, 'g', -1, 64) + "/" + r.per.String()
}

// pace lets one letter pass in each interval. It does not catch up on time that went unused.
type pace struct {
	interval time.Duration
	next     time.Time
}

func newPace(r sendRate) *pace {
	if r.count == 0 {
		return &pace{}
	}
	return &pace{interval: time.Duration(float64(r.per) / r.count)}
}

// wait waits for the next turn.
func (p *pace) wait(ctx context.Context) error {
	if p.interval == 0 {
		return ctx.Err()
	}
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	at := p.next
	p.next = at.Add(p.interval)
	if wait := at.Sub(now); wait > 0 {
		return pause(ctx, wait)
	}
	return ctx.Err()
}
