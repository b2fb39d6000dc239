package sendmail

import (
	"context"
	"iter"
)

// Job is a letter for an envelope. Letter and Envelope must not be touched until its Outcome came.
type Job struct {
	Envelope *Envelope
	Letter   *Letter
	Tag      any // the caller's own
}

// Outcome is what became of a Job: Result and Err are those of Send.
type Outcome struct {
	Job    *Job
	Result *Result
	Err    error
}

// Stream sends the letters of jobs over this connection, without waiting for one's reply before the next where the
// server allows that, and yields the outcome of each as it comes. It takes limit jobs at most (0: no limit) and
// ends when they, or jobs, are done, or when the connection is lost: then each job that was taken and not answered
// comes out as Unsent or InDoubt, and Broken is true. It takes a job only when there is room for it: at most
// Config.Window are under way, so what is still in jobs is for another connection.
//
// jobs must be fed, and closed, by another goroutine than the one that ranges over the outcomes. Breaking off the range
// drops the connection. The caller closes the letters.
func (c *Client) Stream(ctx context.Context, jobs <-chan *Job, limit int) iter.Seq[*Outcome] {
	return c.stream(ctx, jobs, limit, false)
}
