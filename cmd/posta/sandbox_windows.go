package main

import (
	"os"
	"os/exec"
)

// forwarded are the signals that sandbox run hands to its command: Ctrl-C alone, and that comes by itself.
var forwarded = []os.Signal{os.Interrupt}

// parentEnds returns a channel that is closed when the process that started this one ends.
func parentEnds() <-chan struct{} {
	ended := make(chan struct{})
	parent, err := os.FindProcess(os.Getppid())
	if err != nil {
		close(ended)
		return ended
	}
	go func() {
		parent.Wait()
		close(ended)
	}()
	return ended
}

// dieWithParent does nothing: a job object would be needed.
func dieWithParent(*exec.Cmd) {}
