package sendmail

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"sync"
)

// facts is what one pass over some octets finds. The zero value has seen nothing.
type facts struct {
	raw      int64  // octets seen
	sum      uint32 // CRC-32C of them: the second pass must see the same
	bareLF   int64  // line ends without CR
	nul      bool
	bareCR   bool
	eightBit bool
	longest  int // longest line without its end
	line     int // length of the line that is going on
	cr       bool
	open     bool // the last line has no end
	done     bool
}

// castagnoli is computed in hardware, and its table is made when it is first needed.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// scan goes on over b.
func (f *facts) scan(b []byte) {
	if len(b) == 0 {
		return
	}
	f.raw += int64(len(b))
	f.sum = crc32.Update(f.sum, castagnoli(), b)
	f.nul = f.nul || bytes.IndexByte(b, 0) >= 0
	f.eightBit = f.eightBit || hasEightBit(b)
	f.open = b[len(b)-1] != '\n'
	if !f.cr && bytes.IndexByte(b, '\r') < 0 {
		f.scanLF(b)
		return
	}
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n')
		if n < 0 {
			f.text(b)
			return
		}
		f.text(b[:n])
		f.endLine()
		b = b[n+1:]
	}
}

// scanLF is scan for what has no CR at all.
func (f *facts) scanLF(b []byte) {
	for {
		n := bytes.IndexByte(b, '\n')
		if n < 0 {
			f.line += len(b)
			return
		}
		f.longest = max(f.longest, f.line+n)
		f.line = 0
		f.bareLF++
		b = b[n+1:]
	}
}

// text takes a piece of a line. A CR is bare unless the line ends right after it.
func (f *facts) text(b []byte) {
	if len(b) == 0 {
		return
	}
	f.bareCR = f.bareCR || f.cr
	n := bytes.IndexByte(b, '\r')
	f.cr = b[len(b)-1] == '\r'
	f.bareCR = f.bareCR || n >= 0 && n < len(b)-1
	f.line += len(b)
}

func (f *facts) endLine() {
	if f.cr {
		f.line--
	} else {
		f.bareLF++
	}
	f.longest = max(f.longest, f.line)
	f.line, f.cr = 0, false
}

// end says that no more comes.
func (f *facts) end() {
	f.bareCR = f.bareCR || f.cr
	f.longest = max(f.longest, f.line)
	f.done = true
}

// binary says whether the octets are not lines of text.
func (f *facts) binary() bool { return f.nul || f.bareCR }

// wire is the size with CRLF line ends, the last line ended.
func (f *facts) wire() int64 {
	n := f.raw + f.bareLF
	if f.open {
		n += 2
	}
	return n
}

// canonical says whether the octets are in that form already.
func (f *facts) canonical() bool { return f.bareLF == 0 && !f.open }

// hasEightBit looks at eight octets at a time.
func hasEightBit(b []byte) bool {
	const high = 0x8080808080808080
	for ; len(b) >= 32; b = b[32:] {
		v := binary.NativeEndian.Uint64(b) | binary.NativeEndian.Uint64(b[8:]) |
			binary.NativeEndian.Uint64(b[16:]) | binary.NativeEndian.Uint64(b[24:])
		if v&high != 0 {
			return true
		}
	}
	for _, c := range b {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

// appendCRLF appends b with CRLF line ends. prev is the octet before b; the last octet of b is returned.
func appendCRLF(dst, b []byte, prev byte) ([]byte, byte) {
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n')
		if n < 0 {
			return append(dst, b...), b[len(b)-1]
		}
		if n > 0 {
			prev = b[n-1]
		}
		dst = append(dst, b[:n]...)
		if prev != '\r' {
			dst = append(dst, '\r')
		}
		dst = append(dst, '\n')
		prev, b = '\n', b[n+1:]
	}
	return dst, prev
}

// stuff gives each line of dst[from:] that begins with a dot another (RFC 5321 §4.5.2). prev is the octet before it.
func stuff(dst []byte, from int, prev byte) []byte {
	if from < len(dst) && prev == '\n' && dst[from] == '.' {
		dst = append(dst, 0)
		copy(dst[from+1:], dst[from:])
		from++
	}
	n := bytes.Count(dst[from:], []byte("\n."))
	if n == 0 {
		return dst
	}
	old := len(dst)
	dst = append(dst, make([]byte, n)...)
	for to := len(dst); n > 0; n-- {
		i := from + bytes.LastIndex(dst[from:old], []byte("\n."))
		to -= copy(dst[to-(old-i-1):to], dst[i+1:old])
		to--
		dst[to] = '.'
		old = i + 1
	}
	return dst
}
