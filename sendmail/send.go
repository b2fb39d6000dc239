package sendmail

import "context"

// Send hands one letter over. The Result is there unless nothing was sent at all, and says what became of each
// recipient; the error is nil when some were accepted and the rest refused by the server. The connection stays usable
// after a refusal.
func (c *Client) Send(ctx context.Context, env *Envelope, l *Letter) (*Result, error) {
	return c.send1(ctx, env, l, false)
}

// SendAndQuit is Send of the last letter: QUIT rides behind it where nothing can follow, and its reply is not waited
// for. What is left is Close.
func (c *Client) SendAndQuit(ctx context.Context, env *Envelope, l *Letter) (*Result, error) {
	return c.send1(ctx, env, l, true)
}
