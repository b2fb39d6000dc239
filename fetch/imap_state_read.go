package fetch

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// statePiece is how many messages, or ranges of them, stand in one record.
const statePiece = 500

// record takes a line in.
func (s *IMAPState) record(f []string) error {
	if len(f) < 3 {
		return ErrState
	}
	n, err := strconv.Atoi(f[1])
	switch {
	case err != nil || n < 0 || n > len(s.boxes):
		return ErrState
	case f[0] == "f" && len(f) == 3 && n == len(s.boxes):
		s.add(f[2])
		return nil
	case n == len(s.boxes):
		return ErrState
	}
	b := s.boxes[n]
	if f[0] != "-" {
		b.drop()
	}
	switch f[0] + strconv.Itoa(len(f)) {
	case "v3", "n3", "m3", "t3", "g3":
		return b.number(f[0], f[2])
	case "-3", "!3":
		return b.setRecord(f[0], f[2])
	case "+4", "?5":
		return b.message(f, unknownFlags)
	case "+5", "?6":
		flags, ok := parseServerFlags(f[len(f)-1])
		if !ok {
			return ErrState
		}
		return b.message(f, flags)
	case "*4":
		return b.many(f[2], f[3], "")
	case "*5":
		return b.many(f[2], f[3], f[4])
	case "=4", ">4":
		return b.flagRecord(f[0], f[2], f[3])
	}
	return ErrState
}

func (b *mailbox) number(kind, text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err != nil || kind != "m" && n > math.MaxUint32:
		return ErrState
	case kind == "m":
		b.modSeq = n
	case kind == "g":
		b.renewed = int(n)
	case kind == "t":
		b.tagged = uint32(n) == b.validity
	case kind == "v":
		*b = mailbox{n: b.n, name: b.name, validity: uint32(n), renewed: b.renewed, pending: map[goimap.UID]pendingPlace{}}
	default:
		b.next = goimap.UID(n)
	}
	return nil
}

func (b *mailbox) setRecord(kind, text string) error {
	set, ok := parseUIDSet(text)
	switch {
	case !ok:
		return ErrState
	case kind == "!":
		b.missing.AddSet(set)
	default:
		b.dropped.AddSet(set)
	}
	return nil
}

// drop forgets what "-" records said. Each alone would cost a walk through all that is stored.
func (b *mailbox) drop() {
	if len(b.dropped) > 0 {
		b.forget(b.dropped)
		b.dropped = nil
	}
}

func (b *mailbox) message(f []string, flags serverFlags) error {
	uid, err := strconv.ParseUint(f[2], 10, 32)
	p, ok := parseFingerprint(f[3])
	switch {
	case err != nil || uid == 0 || !ok:
		return ErrState
	case f[0] == "?":
		b.pending[goimap.UID(uid)] = pendingPlace{p, f[4], flags}
	default:
		b.stored(printed{uid: goimap.UID(uid), print: p, flags: flags})
	}
	return nil
}

// many reads "*". The number of prints bounds that of the UIDs. Flags are a digit for each, or "" of an earlier version.
func (b *mailbox) many(uids, prints, digits string) error {
	set, ok := parseUIDSet(uids)
	if !ok || len(prints) != int(size(set))*printLength || digits != "" && len(digits) != int(size(set)) {
		return ErrState
	}
	for _, r := range set {
		for uid := r.Start; ; uid++ {
			p, ok := parseFingerprint(prints[:printLength])
			flags := unknownFlags
			if ok && digits != "" {
				flags, ok = parseServerFlags(digits[:1])
				digits = digits[1:]
			}
			if !ok {
				return ErrState
			}
			prints = prints[printLength:]
			b.stored(printed{uid: uid, print: p, flags: flags})
			if uid == r.Stop {
				break
			}
		}
	}
	return nil
}

func (p pendingPlace) line(b []byte, n int, uid goimap.UID) []byte {
	return fmt.Appendf(b, "? %d %d %s %s %c\n", n, uid, p.print.text(), escape(p.place), p.flags.digit())
}

func (p printed) line(b []byte, n int) []byte {
	return fmt.Appendf(b, "+ %d %d %s %c\n", n, p.uid, p.print.text(), p.flags.digit())
}

// live is how many lines there would be if it were compact.
func (s *IMAPState) live() int {
	n := 0
	for _, b := range s.boxes {
		n += 4 + len(b.prints)/statePiece + len(b.missing)/statePiece + len(b.pending)
	}
	return n
}

// compact writes the file anew, with what counts alone.
func (s *IMAPState) compact() error {
	var out []byte
	for _, b := range s.boxes {
		out = fmt.Appendf(out, "f %d %s\nv %d %d\n", b.n, escape(b.name), b.n, b.validity)
		if b.renewed > 0 {
			out = fmt.Appendf(out, "g %d %d\n", b.n, b.renewed)
		}
		if b.tagged {
			out = fmt.Appendf(out, "t %d %d\n", b.n, b.validity)
		}
		for list := range slices.Chunk(b.inOrder(), statePiece) {
			var set goimap.UIDSet
			var prints, digits strings.Builder
			for _, p := range list {
				set.AddNum(p.uid)
				prints.WriteString(p.print.text())
				digits.WriteByte(p.flags.digit())
			}
			out = fmt.Appendf(out, "* %d %s %s %s\n", b.n, set.String(), prints.String(), digits.String())
		}
		out = b.touched(out)
		for uid, p := range b.pending {
			out = p.line(out, b.n, uid)
		}
		out = fmt.Appendf(out, "n %d %d\n", b.n, b.next)
		for _, set := range split(b.missing, statePiece) {
			out = fmt.Appendf(out, "! %d %s\n", b.n, set.String())
		}
		if b.modSeq != 0 {
			out = fmt.Appendf(out, "m %d %d\n", b.n, b.modSeq)
		}
	}
	return s.file.replace(out)
}
