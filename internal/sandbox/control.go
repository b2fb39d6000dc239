package sandbox

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// controlName is the control socket's name in the sandbox's directory.
const controlName = "control"

// maxRequest is the longest control request, in octets.
const maxRequest = 1 << 20

// request is one line of JSON, the only one of a connection to the control socket.
type request struct {
	Op      string   `json:"op"`
	Token   string   `json:"token,omitempty"` // where the socket is TCP
	Match   Match    `json:"match"`
	Count   int      `json:"count,omitempty"`
	Timeout Duration `json:"timeout,omitempty"`
	ID      int      `json:"id,omitempty"`
	Fault   *Fault   `json:"fault,omitempty"`
}

// response is the line that answers a request. The octets of a letter follow it when Size is there.
type response struct {
	Error    string     `json:"error,omitempty"`
	Messages []*Message `json:"messages,omitempty"`
	Faults   []Fault    `json:"faults,omitempty"`
	Mark     int        `json:"mark"`
	Nothing  bool       `json:"nothing,omitempty"` // too few letters came
	Size     *int64     `json:"size,omitempty"`

	letter *Message
}

// ControlAddr is where the control socket is: the path of a Unix socket; on Windows "tcp:HOST:PORT:TOKEN".
func (s *Sandbox) ControlAddr() string { return s.controlAddr }

// serveControl serves the control socket: for this user alone, by the modes of the socket and its directory, or by
// the token.
func (s *Sandbox) serveControl(tcp bool) error {
	path := filepath.Join(s.dir, controlName)
	if !tcp {
		l, err := net.Listen("unix", path)
		if err != nil {
			return err
		}
		s.controlAddr = path
		s.accept(l, func(nc net.Conn) { s.control(nc, "") })
		return os.Chmod(path, 0o600)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	token := rand.Text()
	s.controlAddr = "tcp:" + l.Addr().String() + ":" + token
	s.accept(l, func(nc net.Conn) { s.control(nc, token) })
	return nil
}

// controlByTCP says whether the control socket has to be TCP here.
func controlByTCP() bool { return runtime.GOOS == "windows" }

// parseControl splits a ControlAddr.
func parseControl(addr string) (network, address, token string) {
	rest, ok := strings.CutPrefix(addr, "tcp:")
	if !ok {
		return "unix", addr, ""
	}
	at := strings.LastIndexByte(rest, ':')
	if at < 0 {
		return "tcp", rest, ""
	}
	return "tcp", rest[:at], rest[at+1:]
}

// control answers a request.
func (s *Sandbox) control(nc net.Conn, token string) {
	in := bufio.NewReader(io.LimitReader(nc, maxRequest))
	var req request
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &req)
	}
	if err == nil && subtle.ConstantTimeCompare([]byte(req.Token), []byte(token)) != 1 {
		err = errors.New("wrong token")
	}
	var resp *response
	if err == nil {
		resp, err = s.answer(nc, &req)
	}
	if err != nil {
		resp = &response{Error: err.Error()}
	}
	respond(nc, resp) // a client that is gone needs no answer
}

// respond writes the answer, and the letter that belongs to it.
func respond(w io.Writer, resp *response) error {
	if resp.letter == nil {
		return json.NewEncoder(w).Encode(resp)
	}
	r, err := resp.letter.Open()
	if err != nil {
		return respond(w, &response{Error: err.Error()})
	}
	defer r.Close()
	resp.Size = &resp.letter.Size
	if err := json.NewEncoder(w).Encode(resp); err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

func (s *Sandbox) answer(nc net.Conn, req *request) (resp *response, err error) {
	resp = &response{}
	switch req.Op {
	case "wait":
		return resp, s.controlWait(nc, req, resp)
	case "list":
		resp.Messages, err = s.List(req.Match)
	case "get":
		err = s.controlGet(req, resp)
	case "reset":
		err = s.Reset()
	case "fail":
		if req.Fault == nil {
			return nil, errors.New("no fault")
		}
		err = s.Fail(*req.Fault)
	case "faults":
		resp.Faults = s.Faults()
	case "clear":
		s.ClearFaults()
	case "mark":
	default:
		return nil, fmt.Errorf("unknown request %q", req.Op)
	}
	resp.Mark = s.Mark()
	return resp, err
}

// controlWait is Wait, also given up when the client hangs up.
func (s *Sandbox) controlWait(nc net.Conn, req *request, resp *response) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(req.Timeout))
	defer cancel()
	go func() {
		io.Copy(io.Discard, nc)
		cancel()
	}()
	found, err := s.Wait(ctx, req.Match, req.Count)
	if errors.Is(err, ErrNothing) {
		resp.Nothing, err = true, nil
	}
	resp.Messages, resp.Mark = found, s.Mark()
	return err
}

// controlGet finds the letter of that number, or the newest that matches.
func (s *Sandbox) controlGet(req *request, resp *response) error {
	found, err := s.List(req.Match)
	if err != nil {
		return err
	}
	for i := len(found) - 1; i >= 0; i-- {
		if req.ID == 0 || found[i].ID == req.ID {
			resp.letter, resp.Messages = found[i], found[i:i+1]
			return nil
		}
	}
	resp.Nothing = true
	return nil
}
