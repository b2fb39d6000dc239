package direct

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"posta/mxlookup"
	"posta/mxlookup/mtasts"
	"posta/sendmail"
)

// maxTries bounds how many addresses of a domain are tried.
const maxTries = 20

// delivery is a letter on its way to one domain.
type delivery struct {
	*Sender
	domain string
	env    *sendmail.Envelope
	letter *sendmail.Letter
	way    *mxlookup.Route
	sts    *mtasts.Policy

	host     string
	security Security
	result   *sendmail.Result
	err      error
	tries    int
}

// route finds the hosts, in the order in which to try them.
func (d *delivery) route(ctx context.Context) (err error) {
	if d.way, err = d.Route(ctx, d.domain); err != nil {
		return err
	}
	d.sts, err = d.policy(ctx, d.domain)
	return err
}

// Route finds the hosts that a letter to a domain would be offered, in the order in which they would be tried. The error
// is an *mxlookup.Error, ErrNullMX or ErrLoop.
func (s *Sender) Route(ctx context.Context, domain string) (*mxlookup.Route, error) {
	way, err := s.cfg.Resolver.MX(ctx, domain)
	if err != nil {
		return nil, err
	}
	if way.Null() {
		return nil, ErrNullMX
	}
	way.Shuffle()
	own := slices.IndexFunc(way.Hosts, s.isOwn)
	if own < 0 {
		return way, nil
	}
	preference := way.Hosts[own].Preference // RFC 5321 §5.1: this host and those that are no better
	way.Hosts = slices.DeleteFunc(way.Hosts, func(h mxlookup.Host) bool { return h.Preference >= preference })
	if len(way.Hosts) == 0 {
		return nil, ErrLoop
	}
	return way, nil
}

func (s *Sender) isOwn(h mxlookup.Host) bool {
	return slices.ContainsFunc(append(slices.Clip(s.cfg.OwnNames), s.cfg.Server.LocalName), func(name string) bool {
		return name != "" && strings.EqualFold(strings.TrimSuffix(name, "."), h.Name)
	})
}

// tryHosts tries one host after the other until one has decided.
func (d *delivery) tryHosts(ctx context.Context) {
	d.err = ErrNoHost
	for _, h := range d.way.Hosts {
		if ctx.Err() != nil {
			d.err = ctx.Err()
			return
		}
		if h.Name == "." {
			continue
		}
		if h.IsAddress() && !d.way.Literal {
			d.err = fmt.Errorf("%w: %s is an address, where the MX has to name a host (RFC 5321 §5.1)", ErrNoHost, h.Name)
			continue
		}
		need, err := d.need(ctx, h.Name)
		if err != nil {
			d.err = err
			continue
		}
		addrs, err := d.addresses(ctx, h.Name)
		if err != nil {
			d.err = fmt.Errorf("%w: %w", ErrNoHost, err)
			continue
		}
		for _, addr := range addrs {
			if d.tries++; d.tries > maxTries || d.try(ctx, h.Name, addr, need) {
				return
			}
		}
	}
}

func (d *delivery) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, ok := mxlookup.Literal(host); ok {
		return []netip.Addr{addr}, nil
	}
	found, err := d.cfg.Resolver.Addresses(ctx, host, d.cfg.Family)
	if err != nil {
		return nil, err
	}
	return found.List, nil
}

// try sends the letter to one address. It says whether that decided the matter.
func (d *delivery) try(ctx context.Context, host string, addr netip.Addr, need *need) bool {
	if err := d.silent(addr); err != nil {
		d.err = d.failed(host, err)
		return false
	}
	began := time.Now()
	client, err := d.dial(ctx, host, addr, need, false)
	if err != nil && need.plain && !isNetwork(err) {
		// RFC 7435: better in plain text than not at all, where nothing says that TLS has to be.
		client, err = d.dial(ctx, host, addr, need, true)
	}
	if err != nil {
		d.noteSilence(ctx, addr, began, err)
		if !need.plain && !isNetwork(err) {
			err = fmt.Errorf("%w: %w", ErrPolicy, err) // RFC 8461 §5, RFC 7672 §2.2: later it may be satisfied
		}
		d.err = d.failed(host, err)
		return isFinal(err)
	}
	defer client.Close()
	d.host, d.security = host, need.security(client.TLSState() != nil)
	result, err := client.SendAndQuit(ctx, d.env, d.letter)
	var smtp *sendmail.Error
	if result != nil && result.Status == sendmail.Unsent || result == nil && errors.As(err, &smtp) && smtp.Code == 0 && !smtp.InDoubt && smtp.Temporary() {
		d.err = d.failed(host, err) // surely not delivered: the next may have it
		return false
	}
	d.result, d.err = result, err
	return true
}

func (d *delivery) dial(ctx context.Context, host string, addr netip.Addr, need *need, plain bool) (*sendmail.Client, error) {
	cfg := d.cfg.Server
	cfg.Dialer.Address = net.JoinHostPort(addr.String(), d.cfg.Port)
	cfg.Dialer.ServerName = strings.Trim(host, "[]")
	cfg.Dialer.Verify = need.verify
	if plain {
		cfg.Dialer.Security, cfg.Dialer.AllowPlain = 0, true // 0 is plain text
	}
	return sendmail.Dial(ctx, cfg)
}

// failed names the host in an error.
func (d *delivery) failed(host string, err error) error {
	d.host = host
	return fmt.Errorf("%s: %w", host, err)
}

// isNetwork says whether a connection failed for reasons that plain text would not mend.
func isNetwork(err error) bool {
	var smtp *sendmail.Error
	if errors.As(err, &smtp) && smtp.Stage != sendmail.StageSTARTTLS {
		return true
	}
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary() && smtp == nil || errors.Is(err, context.Canceled)
}

// isFinal says whether a host's answer before any letter is for good: 5yz at the greeting or EHLO.
func isFinal(err error) bool {
	var smtp *sendmail.Error
	return errors.As(err, &smtp) && smtp.Code/100 == 5 && smtp.Stage != sendmail.StageSTARTTLS
}
