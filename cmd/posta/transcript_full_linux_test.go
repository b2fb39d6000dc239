package main

import "testing"

// TestTranscriptFull: a transcript that cannot be written is no success.
func TestTranscriptFull(t *testing.T) {
	scripted{
		args: "search seen --transcript /dev/full", plays: []imapPlay{{text: found("EXAMINE", "SEEN", "1")}},
		status: exitIOErr, stdout: "1\n", stderr: []string{"transcript: write /dev/full: no space left on device"},
	}.run(t)
}
