package main

import (
	"strconv"

	"github.com/urfave/cli/v2"
)

func newPopStatCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:   "stat",
		Usage:  "print how many letters a mailbox has, and their octets",
		Flags:  popFlags(),
		Action: func(c *cli.Context) error { return runPopStat(c, e) },
	}
}

// popStatObject is what --json prints.
type popStatObject struct {
	Letters      int      `json:"letters"`
	Octets       int64    `json:"octets"`
	Capabilities []string `json:"capabilities"`
}

func runPopStat(c *cli.Context, e *env) error {
	if err := noArguments(c); err != nil {
		return err
	}
	s, err := newPopSession(c, e)
	if err != nil {
		return err
	}
	return s.close(s.stat(c))
}

func (s *popSession) stat(c *cli.Context) error {
	if err := s.dial(c); err != nil {
		return err
	}
	defer s.client.Watch(c.Context)()
	n, octets, err := s.client.Stat()
	if err != nil {
		return err
	}
	if err := s.quit(c.Context); err != nil {
		return err
	}
	if c.Bool("json") {
		return s.env.out.JSON(&popStatObject{n, octets, append([]string{}, s.client.Capabilities().Lines...)})
	}
	return s.env.out.Line(strconv.Itoa(n), strconv.FormatInt(octets, 10))
}
