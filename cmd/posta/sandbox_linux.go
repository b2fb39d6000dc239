package main

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// parentEnds returns a channel that is closed when the process that started this one ends.
func parentEnds() <-chan struct{} {
	parent := os.Getppid()
	fd, err := unix.PidfdOpen(parent, 0)
	if err != nil || os.Getppid() != parent { // an old kernel, or the parent is gone and its number may be another's
		return pollParent(parent)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1); err != unix.EINTR {
				return
			}
		}
	}()
	return ended
}

// dieWithParent ends a command when this process dies without having ended it.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
