// Package arch holds the test that keeps posta's structure: which package may import which, and where the process's
// streams, flags and start-up code may be touched. It has no code of its own.
package arch
