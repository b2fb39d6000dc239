package stream

import "runtime"

// allocated is how much was allocated so far, freed or not.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// lines gives lines of text without end.
type lines struct{ n int }

func (l *lines) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
		if l.n++; l.n%64 == 0 {
			p[i] = '\n'
		}
	}
	return len(p), nil
}
