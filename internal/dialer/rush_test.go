package dialer

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestRush(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int           // octets at a time
		each time.Duration // for them
		on   bool
	}{
		{"memory: 1.6 GB/s", 64 << 10, 40 * time.Microsecond, true},
		{"10 Gbit/s", 64 << 10, 52 * time.Microsecond, true},
		{"2.5 Gbit/s", 64 << 10, 210 * time.Microsecond, false},
		{"1 Gbit/s, small pieces", 1448, 12 * time.Microsecond, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &rush{}
				for range 1 << 20 / c.n {
					time.Sleep(c.each)
					r.came(c.n)
				}
				if r.on != c.on {
					t.Errorf("a rush: %t", r.on)
				}
				if r.over(); r.on {
					t.Error("it is not over")
				}
			})
		})
	}
}

func TestRushEndsWhenThePeerDrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &rush{on: true, since: time.Now()}
		begin := time.Now()
		for r.on {
			time.Sleep(rushPatience / 2)
			r.came(1)
		}
		if took := time.Since(begin); took > rushTime+rushPatience {
			t.Errorf("it took %v", took)
		}
	})
}
