package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Client asks a sandbox in another process. Each method is a connection of its own to the control socket; they may be
// called from several goroutines.
type Client struct {
	Addr string // Sandbox.ControlAddr, which is in POSTA_SANDBOX
}

// Wait waits until count letters match, or the time is over: then it returns those that do, and ErrNothing.
func (c *Client) Wait(ctx context.Context, match Match, count int, timeout time.Duration) ([]*Message, error) {
	resp, err := c.ask(ctx, request{Op: "wait", Match: match, Count: count, Timeout: Duration(timeout)})
	if err == nil && resp.Nothing {
		err = ErrNothing
	}
	return resp.Messages, err
}

// List is the letters that match, in the order of arrival. Their octets are to be had by Get.
func (c *Client) List(ctx context.Context, match Match) ([]*Message, error) {
	resp, err := c.ask(ctx, request{Op: "list", Match: match})
	return resp.Messages, err
}

// Get writes the octets of letter id to w; with id 0 those of the newest that matches. ErrNothing: there is none.
func (c *Client) Get(ctx context.Context, id int, match Match, w io.Writer) (*Message, error) {
	nc, in, resp, err := c.open(ctx, request{Op: "get", ID: id, Match: match})
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	if resp.Nothing || resp.Size == nil || len(resp.Messages) != 1 {
		return nil, ErrNothing
	}
	if _, err := io.CopyN(w, in, *resp.Size); err != nil {
		return nil, err
	}
	return resp.Messages[0], nil
}

// Mark is a point in the stream of letters, for Match.Since.
func (c *Client) Mark(ctx context.Context) (int, error) {
	resp, err := c.ask(ctx, request{Op: "mark"})
	return resp.Mark, err
}

// Reset forgets all letters and faults.
func (c *Client) Reset(ctx context.Context) error {
	_, err := c.ask(ctx, request{Op: "reset"})
	return err
}

// Fail adds a fault.
func (c *Client) Fail(ctx context.Context, f Fault) error {
	_, err := c.ask(ctx, request{Op: "fail", Fault: &f})
	return err
}

// Faults is what is scripted.
func (c *Client) Faults(ctx context.Context) ([]Fault, error) {
	resp, err := c.ask(ctx, request{Op: "faults"})
	return resp.Faults, err
}

// ClearFaults removes all faults.
func (c *Client) ClearFaults(ctx context.Context) error {
	_, err := c.ask(ctx, request{Op: "clear"})
	return err
}

// AskError is the sandbox's refusal of what it was asked.
type AskError struct{ Reason string }

func (e *AskError) Error() string { return e.Reason }

// UnreachableError is a control socket at which no sandbox answers.
type UnreachableError struct{ Err error }

func (e *UnreachableError) Error() string { return fmt.Sprintf("no sandbox answers: %v", e.Err) }
func (e *UnreachableError) Unwrap() error { return e.Err }

// ask makes a request whose answer is a line. The response is never nil.
func (c *Client) ask(ctx context.Context, req request) (*response, error) {
	nc, _, resp, err := c.open(ctx, req)
	if err != nil {
		return &response{}, err
	}
	return resp, nc.Close()
}

// open makes a request, and leaves open what follows the answer. The caller closes the connection.
func (c *Client) open(ctx context.Context, req request) (net.Conn, *bufio.Reader, *response, error) {
	network, address, token := parseControl(c.Addr)
	var d net.Dialer
	nc, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, nil, nil, &UnreachableError{err}
	}
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	defer stop()
	req.Token = token
	resp, in, err := exchange(nc, req)
	if err != nil {
		nc.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, nil, nil, err
	}
	return nc, in, resp, nil
}

func exchange(nc net.Conn, req request) (*response, *bufio.Reader, error) {
	if err := json.NewEncoder(nc).Encode(req); err != nil {
		return nil, nil, &UnreachableError{err}
	}
	in := bufio.NewReader(nc)
	line, err := in.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return nil, nil, &UnreachableError{errors.New("it ended meanwhile")}
	}
	if err != nil {
		return nil, nil, &UnreachableError{err}
	}
	var resp response
	if err := json.Unmarshal(line, &resp); err != nil {
		return nil, nil, err
	}
	if resp.Error != "" {
		return nil, nil, &AskError{resp.Error}
	}
	return &resp, in, nil
}
