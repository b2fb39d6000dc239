package main

import "context"

// maxJobs is the most connections that one run opens.
const maxJobs = 100

func (s *sending) runStream(ctx context.Context, nul bool) error {
	return usageError("--stream is not to be had in this build")
}
