package fetch

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// TestKnown does the same with a map.
func TestKnown(t *testing.T) {
	k, want := newKnown(), map[string]storedLetter{}
	for range 200_000 {
		uid := fmt.Sprint("uid-", rand.N(20_000))
		if rand.N(3) == 0 {
			k.drop(uid)
			delete(want, uid)
			continue
		}
		l := storedLetter{since: rand.N(int64(1 << 32)), size: rand.N(int64(1<<32)) - 1}
		k.put(uid, l)
		want[uid] = l
	}
	if k.n != len(want) {
		t.Errorf("%d, want %d", k.n, len(want))
	}
	for i := range 20_000 {
		uid := fmt.Sprint("uid-", i)
		l, ok := want[uid]
		if got := k.get(uid); (got != nil) != ok || ok && (!got.is(l) || got.tally() != 0) {
			t.Fatalf("%s: %+v, want %+v", uid, got, l)
		}
	}
}

// TestKnownIsSmall: half a million letters with long unique-ids.
func TestKnownIsSmall(t *testing.T) {
	const n = 1 << 19
	before := heap()
	k := newKnown()
	for i := range n {
		k.put(fmt.Sprintf("%070d", i), storedLetter{int64(i), int64(i)})
	}
	if used := heap() - before; used > 24*n {
		t.Errorf("%d octets a letter", used/n)
	}
	if k.get(strings.Repeat("0", 70)) == nil {
		t.Error("the first is not there")
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
