package mtasts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"posta/mxlookup"
)

// Client finds policies. It may be used by several goroutines once it is set up.
type Client struct {
	Resolver *mxlookup.Resolver
	RootCAs  *x509.CertPool // nil: the system's
	Port     int            // of the policy's server; 0: 443
	Timeout  time.Duration  // for a policy; 0: a minute (RFC 8461 §3.3 suggests it)
	// Allow says to which addresses of the policy's server to connect; nil: to any.
	Allow func(netip.Addr) bool
}

// errNotAllowed is the error of a server at addresses that Client.Allow does not allow.
var errNotAllowed = errors.New("its addresses are not public")

// Lookup finds the policy of a domain: its record, then the policy itself. The error is ErrNone for a domain
// that announces none.
func (c *Client) Lookup(ctx context.Context, domain string) (*Policy, error) {
	id, err := c.Announced(ctx, domain)
	if err != nil {
		return nil, err
	}
	p, err := c.Fetch(ctx, domain)
	if err != nil {
		return nil, err
	}
	p.ID = id
	return p, nil
}

// Announced is the id of the policy that a domain's record announces (RFC 8461 §3.1): who has the policy of that id need
// not fetch it again. The error is ErrNone where there is no record.
func (c *Client) Announced(ctx context.Context, domain string) (id string, err error) {
	texts, _, err := c.Resolver.TXT(ctx, "_mta-sts."+domain)
	if errors.Is(err, mxlookup.ErrNoDomain) || errors.Is(err, mxlookup.ErrNoRecord) {
		return "", ErrNone
	}
	if err != nil {
		return "", err
	}
	return ParseRecord(texts)
}

// Fetch gets a policy from https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461 §3.3): the certificate has to
// verify, redirects are not followed, the type is text/plain.
func (c *Client) Fetch(ctx context.Context, domain string) (*Policy, error) {
	limit := c.Timeout
	if limit <= 0 {
		limit = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	url := "https://mta-sts." + domain + "/.well-known/mta-sts.txt"
	resp, err := c.Get(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFetch, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: %s: %s", ErrFetch, url, resp.Status)
	}
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || kind != "text/plain" {
		return nil, fmt.Errorf("%w: %s: media type %q", ErrFetch, url, resp.Header.Get("Content-Type"))
	}
	return ParsePolicy(resp.Body)
}

// Get asks for what is at a URL of HTTPS, as Fetch does; the caller closes its body.
func (c *Client) Get(ctx context.Context, url string) (*http.Response, error) {
	client := &http.Client{
		Transport: &http.Transport{
			DialContext:       c.dial,
			TLSClientConfig:   &tls.Config{RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12},
			DisableKeepAlives: true,
			ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return client.Do(req)
}

// dial connects to a host that c's own resolver finds.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port := 443
	if c.Port != 0 {
		port = c.Port
	}
	found, err := c.Resolver.Addresses(ctx, host, 0)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	err = errNotAllowed
	for _, addr := range found.List {
		if c.Allow != nil && !c.Allow(addr) {
			continue
		}
		var conn net.Conn
		if conn, err = d.DialContext(ctx, network, net.JoinHostPort(addr.String(), strconv.Itoa(port))); err == nil {
			return conn, nil
		}
	}
	return nil, err
}
