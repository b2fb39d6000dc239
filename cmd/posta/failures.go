package main

// failures are letters with which something failed. Each is told at once.
type failures struct {
	n     int
	first error
}

// add tells of a failure: what is the letter's name.
func (f *failures) add(e *env, what string, err error) {
	e.warn("%s: %v", what, err)
	f.n++
	if f.first == nil {
		f.first = err
	}
}

// status is that of the command: some done, some not; or why nothing was.
func (f *failures) status(done int) error {
	switch {
	case f.n == 0:
		return nil
	case done > 0 || f.n > 1 && statusOf(f.first) != exitNegative:
		return silent(exitPartial)
	}
	return silent(statusOf(f.first))
}
