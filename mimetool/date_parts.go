package mimetool

// digits reads what begins with a digit: a time, a year, a day, a date of ISO 8601. It gives its length, 0 when it is
// none of them.
func (d *dateParser) digits(s string) int {
	value, n := number(s)
	if n > 8 {
		return 0
	}
	next := byte(0)
	if n < len(s) {
		next = s[n]
	}
	follows := n+1 < len(s) && isDigit(s[n+1])
	switch {
	case d.hour < 0 && n <= 2 && follows && (next == ':' || next == '.' && d.month >= 0):
		return d.clock(s)
	case n == 4 && next == '-' && follows && d.year < 0 && d.month < 0:
		return d.isoDate(s)
	case n == 8 && d.year < 0 && d.month < 0: // 20060102
		d.year, d.month, d.day = value/10000, value/100%100, value%100
		return n
	case d.day < 0 && n <= 3 && 0 < value && value <= 31:
		d.day = value
		return n
	case d.year < 0:
		d.year = fullYear(value, n)
		return n
	case d.day < 0:
		return 0
	}
	return n
}

// number reads digits.
func number(s string) (value, n int) {
	for n < len(s) && isDigit(s[n]) {
		if n < 9 {
			value = value*10 + int(s[n]-'0')
		}
		n++
	}
	return value, n
}

// fullYear makes the year of one that is written with n digits (RFC 5322 §4.3).
func fullYear(year, n int) int {
	switch {
	case n <= 2 && year < 50:
		return year + 2000
	case n <= 3:
		return year + 1900
	}
	return year
}

// clock reads hours, minutes and seconds, with a colon or a dot between, and a fraction.
func (d *dateParser) clock(s string) int {
	var n int
	d.hour, n = number(s)
	at := n
	sep := s[at]
	for _, part := range [...]*int{&d.minute, &d.second} {
		if at+1 >= len(s) || s[at] != sep || !isDigit(s[at+1]) {
			break
		}
		*part, n = number(s[at+1:])
		at += 1 + n
	}
	if at+1 < len(s) && (s[at] == '.' || s[at] == ',') && isDigit(s[at+1]) {
		_, n = number(s[at+1:])
		at += 1 + n
	}
	return at
}

// isoDate reads 2006-01-02 and a T after it.
func (d *dateParser) isoDate(s string) int {
	var n int
	d.year, n = number(s)
	at := n + 1
	d.month, n = number(s[at:])
	at += n
	if at+1 >= len(s) || s[at] != '-' || !isDigit(s[at+1]) {
		return 0
	}
	d.day, n = number(s[at+1:])
	at += 1 + n
	if at < len(s) && (s[at] == 'T' || s[at] == 't') {
		at++
	}
	return at
}

// offset reads a zone's hours and minutes: 0200, 02:00, 2, 02.
func (d *dateParser) offset(s string, west bool) int {
	value, n := number(s)
	at := n
	hours, minutes := value/100, value%100
	if n <= 2 {
		hours, minutes = value, 0
		if at+1 < len(s) && s[at] == ':' && isDigit(s[at+1]) {
			minutes, n = number(s[at+1:])
			at += 1 + n
		}
	}
	if d.zoned && d.zone != 0 {
		return at // the first counts
	}
	d.zoned, d.zone = true, hours*3600+minutes*60
	if west {
		d.zone = -d.zone
	}
	return at
}

// word reads a month, a day of the week or a zone. Other words are passed over.
func (d *dateParser) word(s string) int {
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	if n > 9 { // no name is longer
		return n
	}
	var block [9]byte
	key := block[:n]
	for i := range key {
		key[i] = s[i] | 0x20
	}
	if n >= 3 && d.month < 0 {
		if m := monthNumber(string(key[:3])); m > 0 {
			d.month = m
			return n
		}
	}
	d.zoneName(string(key))
	return n
}

func monthNumber(s string) int {
	switch s {
	case "jan":
		return 1
	case "feb":
		return 2
	case "mar":
		return 3
	case "apr":
		return 4
	case "may":
		return 5
	case "jun":
		return 6
	case "jul":
		return 7
	case "aug":
		return 8
	case "sep":
		return 9
	case "oct":
		return 10
	case "nov":
		return 11
	case "dec":
		return 12
	}
	return 0
}

// zoneName reads a zone by its name (RFC 5322 §4.3), and am and pm. The military letters mean nothing: RFC 822 had
// their signs wrong.
func (d *dateParser) zoneName(s string) {
	hours := 0
	switch s {
	case "am":
		d.am = true
		return
	case "pm":
		d.pm = true
		return
	case "gmt", "ut", "utc", "z":
	case "edt":
		hours = -4
	case "est", "cdt":
		hours = -5
	case "cst", "mdt":
		hours = -6
	case "mst", "pdt":
		hours = -7
	case "pst":
		hours = -8
	case "bst", "cet", "met", "wes": // not the RFC's, but of one meaning in mail
		hours = 1
	case "cest", "mest", "eet":
		hours = 2
	case "eest", "msk":
		hours = 3
	case "jst", "kst":
		hours = 9
	default:
		return
	}
	if !d.zoned && d.hour >= 0 {
		d.zoned, d.zone = true, hours*3600
	}
}
