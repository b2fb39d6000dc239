package mailflow

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// checkServices looks for what tells mail programs the domain's servers (RFC 6186, 8314 §5.1, and Mozilla's autoconfig).
func (k *check) checkServices(ctx context.Context) {
	found := false
	for _, service := range []string{"submissions", "submission", "imaps", "imap", "pop3s", "pop3"} {
		list, _, err := k.Resolver.SRV(ctx, service, k.domain)
		if k.lost("srv", err) {
			return
		}
		var words []string
		for _, s := range list {
			if s.Host != "." {
				words = append(words, s.Host)
			}
		}
		if len(words) == 0 {
			continue
		}
		found = true
		level, advice := OK, ""
		if service == "imap" || service == "pop3" {
			level, advice = Info, "offer TLS from the start, and the other service's record (RFC 8314 §3)"
		}
		k.add(level, "srv", "RFC 6186", advice, "%s at %s", service, strings.Join(words, " "))
	}
	if !k.checkAutoconfig(ctx) && !found {
		k.add(Info, "srv", "RFC 6186", "publish SRV records, so that mail programs find the servers", "nothing tells mail programs the domain's servers")
	}
}

// maxAutoconfig is how much is read of a configuration for mail programs.
const maxAutoconfig = 64 << 10

// checkAutoconfig fetches what Thunderbird and others ask for. It says whether there is such a host.
func (k *check) checkAutoconfig(ctx context.Context) bool {
	host := "autoconfig." + k.domain
	addrs, err := k.Resolver.Addresses(ctx, host, 0)
	if err != nil {
		return false
	}
	if k.DNSOnly {
		k.add(Info, "autoconfig", "", "", "%s has the address %s", host, addrs.List[0])
		return true
	}
	url := "https://" + host + "/mail/config-v1.1.xml"
	if err := k.fetchAutoconfig(ctx, url); err != nil {
		k.add(Warn, "autoconfig", "", "serve it over HTTPS, or remove the name", "%v", err)
	} else {
		k.add(OK, "autoconfig", "", "", "%s", url)
	}
	return true
}

// fetchAutoconfig says whether there is a configuration at a URL.
func (k *check) fetchAutoconfig(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, k.patience())
	defer cancel()
	resp, err := k.web().Get(ctx, url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAutoconfig))
	switch {
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: %s", url, resp.Status)
	case err != nil:
		return fmt.Errorf("%s: %w", url, err)
	case !bytes.Contains(text, []byte("<clientConfig")):
		return fmt.Errorf("%s: not a configuration", url)
	}
	return nil
}
