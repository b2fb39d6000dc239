package main

import (
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
