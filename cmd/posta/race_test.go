//go:build race

package main

// underRace: with the race detector all takes many times longer.
const underRace = true
