package sendmail

import "testing"

// However long a stream is, and though a reply is always due, the replies that came take no room and keep no letter.
func TestExpectationsStayFlat(t *testing.T) {
	const window = 150
	var x expectations
	for i := range 100_000 {
		x.put(expectation{t: &transaction{answered: i}, kind: i % 6})
		if i < window {
			continue
		}
		if e := x.first(); e.t.answered != i-window || e.kind != (i-window)%6 {
			t.Fatalf("the reply after %d put is to %d", i, e.t.answered)
		}
		x.came()
	}
	if c := cap(x.list); c > 8*window {
		t.Errorf("room for %d, %d due", c, window)
	}
	kept := 0
	for _, e := range x.list[:cap(x.list)] {
		if e.t != nil {
			kept++
		}
	}
	if kept != window {
		t.Errorf("%d transactions are kept, %d due", kept, window)
	}
}
