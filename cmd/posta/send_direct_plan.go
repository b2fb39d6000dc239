package main

import (
	"context"
	"fmt"
	"strings"

	"posta/mxlookup"
	"posta/sendmail"
	"posta/sendmail/direct"
)

// destination is where the letter for some of the recipients would go.
type destination struct {
	Domain string            `json:"domain,omitempty"`
	To     []string          `json:"to"`
	Hosts  []destinationHost `json:"hosts,omitempty"` // in the order in which they would be tried
	Error  string            `json:"error,omitempty"`
	err    error
}

type destinationHost struct {
	Preference uint16 `json:"preference"`
	Host       string `json:"host"`
}

// planDirect is -n with --direct: the name servers are asked, and no host is connected to. A recipient that could not be
// sent to gives the exit status that it would have.
func (s *sending) planDirect(ctx context.Context, out *outgoing) error {
	plan, err := s.mta.plan(ctx, out.envelope)
	if err != nil {
		return err
	}
	if s.opt.json {
		err = s.env.out.JSON(struct {
			Destinations []*destination     `json:"destinations"`
			MessageID    string             `json:"messageId"`
			Size         int64              `json:"size"`
			Envelope     *sendmail.Envelope `json:"envelope"`
		}{plan, out.messageID, out.letter.Size(), out.envelope})
	} else {
		for _, d := range plan {
			s.env.warn("%s", d)
		}
		err = s.planLetter(out)
	}
	return firstError(err, silent(planStatus(plan)))
}

// plan finds the hosts for each domain of the recipients.
func (m *directSending) plan(ctx context.Context, env *sendmail.Envelope) ([]*destination, error) {
	var plan []*destination
	known := map[string]*destination{}
	for _, to := range env.To {
		domain, err := direct.Domain(to.Address)
		if d := known[domain]; err == nil && d != nil {
			d.To = append(d.To, to.Address)
			continue
		}
		d := &destination{Domain: domain, To: []string{to.Address}}
		known[domain] = d
		plan = append(plan, d)
		var way *mxlookup.Route
		if err == nil {
			way, err = m.Route(ctx, domain)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			d.err, d.Error = direct.Failure(err), err.Error()
			continue
		}
		for _, h := range way.Hosts {
			d.Hosts = append(d.Hosts, destinationHost{h.Preference, h.Name})
		}
	}
	return plan, nil
}

func (d *destination) String() string {
	to := "<" + strings.Join(d.To, ">, <") + ">"
	if d.err != nil {
		return "would not send to " + to + ": " + d.Error
	}
	hosts := make([]string, len(d.Hosts))
	for i, h := range d.Hosts {
		hosts[i] = fmt.Sprintf("%s (%d)", h.Host, h.Preference)
	}
	return "would send to " + to + " by " + strings.Join(hosts, ", then ")
}

// planStatus is 3 where some could be sent to and others not, else that of the first.
func planStatus(plan []*destination) int {
	failed := 0
	for _, d := range plan {
		if d.err != nil {
			failed++
		}
	}
	switch {
	case failed == 0:
		return exitOK
	case failed < len(plan):
		return exitPartial
	}
	return statusOf(plan[0].err)
}
