//go:build unix

package main

import (
	"os"
	"syscall"
	"time"
)

// forwarded are the signals that sandbox run hands to its command.
var forwarded = []os.Signal{
	syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2,
}

// pollParent returns a channel that is closed when the process's parent is another than that.
func pollParent(parent int) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		for os.Getppid() == parent {
			time.Sleep(500 * time.Millisecond)
		}
		close(ended)
	}()
	return ended
}
