//go:build race

package stream

// underRace: the race detector keeps some values on the heap that are on the stack without it.
const underRace = true
