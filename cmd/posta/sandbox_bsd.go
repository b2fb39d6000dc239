//go:build unix && !linux

package main

import (
	"os"
	"os/exec"
)

// parentEnds returns a channel that is closed when the process that started this one ends.
func parentEnds() <-chan struct{} { return pollParent(os.Getppid()) }

// dieWithParent does nothing: only Linux can.
func dieWithParent(*exec.Cmd) {}
