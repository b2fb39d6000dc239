package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sync/semaphore"

	"posta/internal/dialer"
	"posta/mimetool/stream"
)

// showPlan is -n: the letter as it would go out on standard output, the dialogue on standard error. With --json
// the plan is an object and the letter is left out.
func (s *sending) showPlan(ctx context.Context, out *outgoing) error {
	if s.mta != nil {
		return s.planDirect(ctx, out)
	}
	if s.opt.json {
		return s.env.out.JSON(struct {
			Server    string `json:"server"`
			Security  string `json:"security"`
			MessageID string `json:"messageId"`
			Size      int64  `json:"size"`
			Envelope  any    `json:"envelope"`
		}{s.conn.server.String(), securityName(s.conn.dialer.Security), out.messageID, out.letter.Size(), out.envelope})
	}
	s.env.warn("would connect to %s, %s", s.conn.server, securityName(s.conn.dialer.Security))
	if user := s.conn.server.User; user != "" {
		s.env.warn("would log in as %s", user)
	}
	return s.planLetter(out)
}

// planLetter shows the envelope and the letter.
func (s *sending) planLetter(out *outgoing) error {
	s.env.warn("would say MAIL FROM:<%s>", out.envelope.From)
	for _, r := range out.envelope.To {
		s.env.warn("would say RCPT TO:<%s>", r.Address)
	}
	s.env.warn("would send %s", letterSize(out.letter.Size()))
	_, err := out.letter.WriteTo(s.env.out)
	return err
}

func letterSize(n int64) string { return fmt.Sprintf("a letter of %d octets", n) }

func securityName(s dialer.Security) string {
	switch s {
	case dialer.TLS:
		return "TLS"
	case dialer.StartTLS:
		return "STARTTLS"
	}
	return "plain text"
}

// planStream is -n with --stream: a line, or an object, for each letter; nothing is sent.
func (s *sending) planStream(format stream.Format, nul bool) error {
	t := &streaming{sending: s, reading: context.Background(), memory: semaphore.NewWeighted(streamMemory)}
	failed := 0
	for m, err := range stream.Read(s.env.stdin, format, stream.Options{NUL: nul}) {
		var entry *stream.EntryError
		if err != nil && !errors.As(err, &entry) {
			return readError(t.last, err)
		}
		var c *consignment
		if err == nil {
			t.last = m.Index
			c, err = t.prepare(m, format)
		}
		if err != nil {
			failed++
			s.env.warn("letter %d: %v", t.last, err)
			continue
		}
		if err := firstError(s.planLine(c), c.close()); err != nil {
			return err
		}
		t.memory.Release(c.weight)
	}
	if failed > 0 {
		return silent(exitPartial)
	}
	return nil
}

// planLine shows number, sender, recipients and octets of a letter.
func (s *sending) planLine(c *consignment) error {
	to := make([]string, len(c.envelope.To))
	for i, r := range c.envelope.To {
		to[i] = r.Address
	}
	if s.opt.json {
		return s.env.out.JSON(struct {
			Letter    int      `json:"letter"`
			Name      string   `json:"name,omitempty"`
			MessageID string   `json:"messageId"`
			From      string   `json:"from"`
			To        []string `json:"to"`
			Size      int64    `json:"size"`
		}{c.delivery.Letter, c.delivery.Name, c.messageID, c.envelope.From, to, c.letter.Size()})
	}
	return s.env.out.Line(strconv.Itoa(c.delivery.Letter), c.envelope.From, strings.Join(to, ","), strconv.FormatInt(c.letter.Size(), 10))
}
