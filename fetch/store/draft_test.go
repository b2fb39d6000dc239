package store

import "testing"

// The last sync of a large message waits for little, and the disk is not asked more often than is of use.
func TestDraftStep(t *testing.T) {
	const size = 100 << 20
	d := &draft{size: size}
	calls := 0
	for d.n < size {
		d.n += 64 << 10
		if d.due += 64 << 10; d.due >= d.step() {
			d.due = 0
			calls++
		}
	}
	if d.due > lastStep || calls > 40 {
		t.Errorf("%d octets are left after %d calls", d.due, calls)
	}
	for _, d := range []*draft{{}, {size: -1}, {size: 10, n: 20}} {
		if d.step() != eagerStep {
			t.Errorf("a message of %d octets announced, with %d: a step of %d", d.size, d.n, d.step())
		}
	}
}
