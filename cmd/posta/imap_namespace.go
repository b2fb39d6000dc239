package main

import (
	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"
)

func newIMAPNamespaceCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:   "namespace",
		Usage:  "print where the user's own, others' and shared folders are",
		Flags:  imapFlags(),
		Action: func(c *cli.Context) error { return runIMAPNamespace(c, e) },
	}
}

// imapNamespace is what namespace --json prints (RFC 2342).
type imapNamespace struct {
	Kind      string `json:"kind"`
	Prefix    string `json:"prefix"`
	Delimiter string `json:"delimiter,omitempty"`
}

func runIMAPNamespace(c *cli.Context, e *env) error {
	if c.Args().Present() {
		return usageError("imap namespace takes no argument")
	}
	return runIMAP(c, e, func(s *imapSession) error {
		data, err := s.client.Namespace().Wait()
		if err != nil {
			return err
		}
		for _, kind := range []struct {
			name string
			list []goimap.NamespaceDescriptor
		}{{"personal", data.Personal}, {"other", data.Other}, {"shared", data.Shared}} {
			for _, d := range kind.list {
				n := imapNamespace{Kind: kind.name, Prefix: d.Prefix}
				if d.Delim != 0 {
					n.Delimiter = string(d.Delim)
				}
				if err := n.print(c, e.out); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (n *imapNamespace) print(c *cli.Context, out *output) error {
	if c.Bool("json") {
		return out.JSON(n)
	}
	return out.Line(n.Kind, n.Prefix, n.Delimiter)
}
