package mimetool

import (
	"bytes"
	"sync"
)

// binHexOctets undoes BinHex's characters and its runs.
type binHexOctets struct {
	s      *scanner
	line   []byte // what is left of the line at the scanner's window
	size   int    // of that line
	bits   uint32
	have   int // bits
	last   byte
	repeat int
	junk   int // characters outside the alphabet
	ended  bool
}

func (o *binHexOctets) readError() error { return o.s.readError() }

// maxBinHexPreface is how many lines may stand before the colon: a text that only mentions BinHex is not read through.
const maxBinHexPreface = 100

// begin passes over what stands before the colon that begins a line.
func (o *binHexOctets) begin() bool {
	for n := 0; n < maxBinHexPreface && o.nextLine(); n++ {
		if text := bytes.TrimLeft(o.line, " \t\r\n"); len(text) > 0 && text[0] == ':' {
			o.line = text[1:]
			return true
		}
	}
	return false
}

// end passes over the rest of the last line.
func (o *binHexOctets) end() {
	o.s.consume(o.size)
	o.size, o.line, o.ended = 0, nil, true
}

func (o *binHexOctets) nextLine() bool {
	o.s.consume(o.size)
	o.line = o.s.line()
	o.size = len(o.line)
	return o.size > 0
}

// char is the value of the next character of the alphabet.
func (o *binHexOctets) char() (byte, bool) {
	for !o.ended {
		for i, c := range o.line {
			if v := binHexValues[c]; v != 0 {
				o.line = o.line[i+1:]
				return v - 1, true
			}
			if c == ':' {
				break
			}
			if !isBlank(c) {
				o.junk++
			}
		}
		if bytes.IndexByte(o.line, ':') >= 0 || !o.nextLine() {
			o.end()
		}
	}
	return 0, false
}

// octet is the next one of eight bits.
func (o *binHexOctets) octet() (byte, bool) {
	for o.have < 8 {
		v, ok := o.char()
		if !ok {
			return 0, false
		}
		o.bits = o.bits<<6 | uint32(v)
		o.have += 6
	}
	o.have -= 8
	return byte(o.bits >> o.have), true
}

// next is the next octet with runs undone: 0x90 and a count stand for the octet before, so many times in all; 0x90 and
// zero for 0x90.
func (o *binHexOctets) next() (byte, bool) {
	for o.repeat == 0 {
		c, ok := o.octet()
		if !ok {
			return 0, false
		}
		if c == 0x90 {
			n, ok := o.octet()
			if !ok {
				return 0, false
			}
			if n != 0 {
				o.repeat = int(n) - 1
				continue
			}
		}
		o.last = c
		return c, true
	}
	o.repeat--
	return o.last, true
}

// fill is next for as many octets as p has room for, a run at a time.
func (o *binHexOctets) fill(p []byte) (n int) {
	for n < len(p) {
		if o.repeat > 0 {
			run := p[n : n+min(o.repeat, len(p)-n)]
			for i := range run {
				run[i] = o.last
			}
			n += len(run)
			o.repeat -= len(run)
			continue
		}
		c, ok := o.next()
		if !ok {
			return n
		}
		p[n] = c
		n++
	}
	return n
}

// crc16 takes octets into the CRC of x^16 + x^12 + x^5 + 1.
func crc16(crc uint16, p ...byte) uint16 {
	table := crc16Table()
	for _, c := range p {
		crc = crc<<8 ^ table[byte(crc>>8)^c]
	}
	return crc
}

// crc16Table is made when the first BinHex comes.
var crc16Table = sync.OnceValue(func() *[256]uint16 {
	var table [256]uint16
	for i := range table {
		crc := uint16(i) << 8
		for range 8 {
			top := crc & 0x8000
			crc <<= 1
			if top != 0 {
				crc ^= 0x1021
			}
		}
		table[i] = crc
	}
	return &table
})

// binHexValues are the values of the characters of the alphabet, one higher; 0: not in it.
var binHexValues = [256]byte{
	'!': 1, '"': 2, '#': 3, '$': 4, '%': 5, '&': 6, '\'': 7, '(': 8, ')': 9, '*': 10, '+': 11, ',': 12, '-': 13,
	'0': 14, '1': 15, '2': 16, '3': 17, '4': 18, '5': 19, '6': 20, '8': 21, '9': 22, '@': 23, 'A': 24, 'B': 25, 'C': 26,
	'D': 27, 'E': 28, 'F': 29, 'G': 30, 'H': 31, 'I': 32, 'J': 33, 'K': 34, 'L': 35, 'M': 36, 'N': 37, 'P': 38, 'Q': 39,
	'R': 40, 'S': 41, 'T': 42, 'U': 43, 'V': 44, 'X': 45, 'Y': 46, 'Z': 47, '[': 48, '`': 49, 'a': 50, 'b': 51, 'c': 52,
	'd': 53, 'e': 54, 'f': 55, 'h': 56, 'i': 57, 'j': 58, 'k': 59, 'l': 60, 'm': 61, 'p': 62, 'q': 63, 'r': 64,
}
