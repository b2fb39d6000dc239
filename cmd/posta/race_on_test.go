//go:build race

package main

// raceDetector makes programs some times slower: tests that start hundreds of them start fewer.
const raceDetector = true
