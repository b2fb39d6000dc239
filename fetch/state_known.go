package fetch

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"posta/fetch/pop3"
)

// known is the letters that are stored, in some 22 octets each, whatever the length of their unique-ids: half a million are
// 11 MiB. It has fingerprints of these, of 94 bits and with a key of this run's, so that even who chooses the unique-ids
// cannot make two that are taken for one.
type known struct {
	key    [16]byte
	shards [knownShards]knownShard // by the first bits of the fingerprints
	n      int
}

// knownShard is letters in no order, in blocks that stay where they are: what grew by being copied would leave holes behind,
// as large as what is known.
type knownShard struct {
	blocks []*knownBlock
	n      int
}

type knownBlock [16]knownLetter

// knownShards makes the shards so short that all of one can be looked at.
const knownShards = 1 << 12

// knownLetter is what is known of a stored letter.
type knownLetter struct {
	print [3]uint32 // the fingerprint, and the tally
	since uint32    // seconds since 1970
	size  uint32    // as announced, without its high bits: enough to tell it from another; unknownSize
}

const unknownSize = math.MaxUint32

// tally is the bits that say how many letters with its unique-id the server has, where 2 are many; 3: while the file is made
// small, that it is written.
const (
	tally   = 3
	written = 3
)

func (k *knownLetter) tally() uint32 { return k.print[2] & tally }

func (k *knownLetter) setTally(n uint32) { k.print[2] = k.print[2]&^tally | n }

func newKnown() *known {
	k := &known{}
	rand.Read(k.key[:])
	return k
}

// fingerprint is that of a unique-id.
func (k *known) fingerprint(uid string) (print [3]uint32) {
	var room [16 + 256]byte
	sum := sha256.Sum256(append(append(room[:0], k.key[:]...), uid...))
	for i := range print {
		print[i] = binary.BigEndian.Uint32(sum[4*i:])
	}
	print[2] &^= tally
	return print
}

// at is the i-th of a shard.
func (s *knownShard) at(i int) *knownLetter {
	return &s.blocks[i/len(knownBlock{})][i%len(knownBlock{})]
}

// find finds a unique-id; nil: it is not known.
func (k *known) find(uid string) (shard *knownShard, l *knownLetter) {
	print := k.fingerprint(uid)
	shard = &k.shards[print[0]/(1<<32/knownShards)]
	for i := range shard.n {
		if l := shard.at(i); l.print[0] == print[0] && l.print[1] == print[1] && l.print[2]&^tally == print[2] {
			return shard, l
		}
	}
	return shard, nil
}

// get is the letter of a unique-id, valid until the next drop; nil: it is not known.
func (k *known) get(uid string) *knownLetter {
	_, l := k.find(uid)
	return l
}

// put makes a letter known.
func (k *known) put(uid string, stored storedLetter) *knownLetter {
	shard, l := k.find(uid)
	if l == nil {
		if shard.n == len(shard.blocks)*len(knownBlock{}) {
			shard.blocks = append(shard.blocks, &knownBlock{})
		}
		l = shard.at(shard.n)
		*l = knownLetter{print: k.fingerprint(uid)}
		shard.n++
		k.n++
	}
	l.since, l.size = stored.brief()
	return l
}

// drop makes a letter unknown: the last of the shard takes its place.
func (k *known) drop(uid string) {
	if shard, l := k.find(uid); l != nil {
		shard.n--
		*l = *shard.at(shard.n)
		k.n--
	}
}

// any says whether there is one such.
func (k *known) any(such func(*knownLetter) bool) bool {
	for i := range k.shards {
		for j := range k.shards[i].n {
			if such(k.shards[i].at(j)) {
				return true
			}
		}
	}
	return false
}

// storedLetter is what a state file says of a stored letter.
type storedLetter struct{ since, size int64 }

// brief is that without what nobody asks for.
func (l storedLetter) brief() (since, size uint32) {
	since, size = uint32(min(max(l.since, 0), math.MaxUint32)), uint32(l.size%unknownSize)
	if l.size < 0 {
		size = unknownSize
	}
	return since, size
}

// is says whether l is what is known.
func (k *knownLetter) is(l storedLetter) bool {
	since, size := l.brief()
	return k.since == since && k.size == size
}

// record is what is known, for a state file.
func (k *knownLetter) record() storedLetter {
	if k.size == unknownSize {
		return storedLetter{int64(k.since), -1}
	}
	return storedLetter{int64(k.since), int64(k.size)}
}

func (k *knownLetter) time() time.Time { return time.Unix(int64(k.since), 0) }

// sameSize says whether a letter may be the one that is known, see State.SameSize.
func (k *knownLetter) sameSize(l *pop3.Letter) bool {
	_, size := storedLetter{size: l.Size}.brief()
	return k.size == size || k.size == unknownSize || size == unknownSize
}
