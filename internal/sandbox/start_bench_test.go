package sandbox

import "testing"

// BenchmarkStart: a sandbox starts, and ends, in milliseconds.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		sb, err := Start(b.Context(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		sb.Close()
	}
}
