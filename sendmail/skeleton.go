package sendmail

import (
	"context"
	"errors"
	"iter"
)

func (c *Client) send1(ctx context.Context, env *Envelope, l *Letter, quit bool) (*Result, error) {
	return nil, errors.New("skeleton")
}

func (c *Client) stream(ctx context.Context, jobs <-chan *Job, limit int, quit bool) iter.Seq[*Outcome] {
	return func(yield func(*Outcome) bool) {}
}
