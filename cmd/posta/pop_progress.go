package main

import (
	"fmt"
	"io"
	"time"
)

// progressStep is how often what is shown changes.
const progressStep = 100 * time.Millisecond

// progress shows on a terminal how far a download is. Elsewhere it shows nothing.
type progress struct {
	env   *env
	on    bool
	all   int
	done  int
	last  time.Time
	shown bool
}

// unknownNumber of letters: only those that came are shown.
const unknownNumber = -1

func newProgress(e *env, all int) *progress {
	return &progress{env: e, on: isTerminal(e.stderr) && all != 1, all: all, last: time.Now()}
}

// step counts a letter.
func (p *progress) step() {
	p.done++
	if !p.on || time.Since(p.last) < progressStep {
		return
	}
	p.last, p.shown = time.Now(), true
	if p.all == unknownNumber {
		fmt.Fprintf(p.env.stderr, "\r%d letters", p.done)
		return
	}
	fmt.Fprintf(p.env.stderr, "\r%d of %d letters", p.done, p.all)
}

// clear takes away what is shown.
func (p *progress) clear() {
	if p.shown {
		io.WriteString(p.env.stderr, "\r\x1b[K")
		p.shown = false
	}
}
