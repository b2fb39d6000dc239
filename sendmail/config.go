package sendmail

import (
	"net"
	"os"
	"strings"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

const (
	defaultWindow = 50      // letters in flight: what is in doubt when a connection is lost
	windowBytes   = 4 << 20 // and their octets, more than one letter being in flight
)

// Config is how to reach a server and who to be there.
type Config struct {
	Dialer    dialer.Config     // the connection; its Timeout bounds every reply and every stall
	LMTP      bool              // LMTP: LHLO, and a reply for each recipient
	LocalName string            // for EHLO; default the host's full name, else the address literal of this end
	Auth      *sasl.Credentials // nil: no AUTH
	Mechanism string            // the SASL mechanism to use, default the strongest that both have
	Window    int               // letters in flight in a Stream, default 50
}

// localName is what EHLO says: a name with a dot in it, or an address literal (RFC 5321 §4.1.4).
func (cfg *Config) localName(local net.Addr) (string, error) {
	if name := cfg.LocalName; name != "" {
		if domainFault(name) != "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return "", &EnvelopeError{"the local name is no domain: " + strings.ToValidUTF8(name, "?")}
		}
		return name, nil
	}
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") && domainFault(name) == "" && ascii(name) {
		return name, nil
	}
	tcp, ok := local.(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost", nil
	case tcp.IP.To4() != nil:
		return "[" + tcp.IP.String() + "]", nil
	}
	return "[IPv6:" + tcp.IP.String() + "]", nil
}
