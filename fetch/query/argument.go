package query

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// argument reads what follows a key.
func (p *parser) argument(k key, node *Node) error {
	if k.arg == argNone {
		return nil
	}
	w, err := p.next("what " + k.name + " is followed by")
	if err != nil {
		return err
	}
	if !w.quoted && (w.text == "(" || w.text == ")") {
		return p.wrong(&w, "what "+k.name+" is followed by is missing")
	}
	ok := true
	switch k.arg {
	case argText:
		node.Text, ok = w.text, !strings.ContainsRune(w.text, 0)
	case argHeader:
		node.Field, ok = w.text, isFieldName(w.text)
		if !ok {
			break
		}
		if w, err = p.next("the text for " + node.Field); err != nil {
			return err
		}
		node.Text, ok = w.text, !strings.ContainsRune(w.text, 0)
	case argFlag:
		node.Text, ok = w.text, isKeyword(w.text)
	case argDate:
		node.Date, ok = date(w.text, p.now)
	case argSize:
		node.Num, ok = size(w.text)
	case argSet:
		node.Text, ok = w.text, isSet(w.text)
	case argNumber:
		node.Num, err = strconv.ParseInt(w.text, 10, 64)
		ok = err == nil && node.Num >= 0
	case argDuration:
		var d time.Duration
		d, ok = duration(w.text)
		node.Num, node.Date = int64(d/time.Second), p.now.Add(-d)
	}
	if !ok {
		return p.wrong(&w, k.arg.unfit())
	}
	return nil
}

// unfit says what an argument is not.
func (a argument) unfit() string {
	return map[argument]string{
		argText: "NUL cannot be searched for", argHeader: "no field name", argFlag: "no keyword", argDate: "no date", argSize: "no size",
		argSet: "no set of numbers", argNumber: "no number", argDuration: "no duration",
	}[a]
}

// isFieldName is RFC 5322 §2.2: printable ASCII without the colon.
func isFieldName(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == ':' {
			return false
		}
	}
	return s != ""
}

// isKeyword is RFC 9051 §9, flag-keyword.
func isKeyword(s string) bool {
	return isFieldName(s+"x") && !strings.ContainsAny(s, `(){%*"\]`) && s != ""
}

// date reads a day.
func date(s string, now time.Time) (time.Time, bool) {
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	switch strings.ToLower(s) {
	case "today":
		return today, true
	case "yesterday":
		return today.AddDate(0, 0, -1), true
	}
	for _, layout := range []string{"2006-01-02", "2-Jan-2006", "2006/01/02"} {
		if t, err := time.ParseInLocation(layout, s, now.Location()); err == nil && t.Year() >= 1000 {
			return t, true
		}
	}
	n, unit, ok := counted(s)
	if !ok {
		return today, false
	}
	switch unit {
	case "d":
		today = today.AddDate(0, 0, -n)
	case "w":
		today = today.AddDate(0, 0, -7*n)
	case "m":
		today = today.AddDate(0, -n, 0)
	case "y":
		today = today.AddDate(-n, 0, 0)
	default:
		return today, false
	}
	return today, today.Year() >= 1
}

// counted takes a number and its unit apart.
func counted(s string) (n int, unit string, ok bool) {
	i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if i <= 0 {
		return 0, "", false
	}
	n, err := strconv.Atoi(s[:i])
	return n, strings.ToLower(s[i:]), err == nil && n <= 1e6
}

// size reads octets: 1M, 500k, 1000.
func size(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimRight(s, "kKmMgGiB"), 10, 64)
	unit := strings.ToLower(strings.TrimLeft(s, "0123456789"))
	factor, ok := map[string]int64{"": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gb": 1 << 30, "gib": 1 << 30}[unit]
	if err != nil || !ok || n < 0 || n > math.MaxInt64/factor {
		return 0, false
	}
	return n * factor, true
}

// duration reads a time that has passed; a month has 30 days, a year 365.
func duration(s string) (time.Duration, bool) {
	n, unit, ok := counted(s)
	const day = 24 * time.Hour
	each, known := map[string]time.Duration{
		"s": time.Second, "min": time.Minute, "h": time.Hour, "d": day, "w": 7 * day, "m": 30 * day, "y": 365 * day,
	}[unit]
	if !ok || !known || n == 0 || time.Duration(n) > math.MaxInt64/each {
		return 0, false
	}
	return time.Duration(n) * each, true
}

// isSet is RFC 9051 §9, sequence-set.
func isSet(s string) bool {
	for part := range strings.SplitSeq(s, ",") {
		from, to, isRange := strings.Cut(part, ":")
		if !isNumber(from) || isRange && !isNumber(to) {
			return false
		}
	}
	return true
}

// isNumber is RFC 9051 §9, seq-number.
func isNumber(s string) bool {
	n, err := strconv.ParseUint(s, 10, 32)
	return s == "*" || err == nil && n > 0
}
