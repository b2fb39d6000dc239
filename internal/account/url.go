package account

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// A Server is what a URL names: scheme://[user[:password]@]host[:port][?tls=MODE&auth=MECHANISM].
type Server struct {
	Protocol  Protocol
	LMTP      bool
	Host      string // name (in A-labels) or address; "" for a Unix socket
	Port      int
	Socket    string // path of a Unix socket
	User      string
	Mode      string // "implicit", "starttls" or "none" where the URL says so aloud, else ""
	Mechanism string // the SASL mechanism that the URL asks for; "" lets the strongest win

	scheme   string
	password string
}

// IsURL says whether s, given as an account, is a URL and not a name.
func IsURL(s string) bool { return strings.Contains(s, "://") || strings.HasPrefix(s, "lmtp+unix:") }

// ParseURL reads the URL of a server. The error is a *[URLError].
func ParseURL(s string) (*Server, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, &URLError{redact(s), urlReason(err)}
	}
	srv, reason := &Server{}, ""
	if reason = srv.setScheme(u.Scheme); reason == "" {
		reason = srv.setPlace(u)
	}
	if reason == "" {
		reason = srv.setUser(u.User)
	}
	if reason == "" {
		reason = srv.setQuery(u)
	}
	if reason != "" {
		return nil, &URLError{redact(s), reason}
	}
	return srv, nil
}

func (s *Server) setScheme(scheme string) (reason string) {
	s.scheme = scheme
	switch scheme {
	case "smtp":
		s.Protocol, s.Port = SMTP, 587
	case "smtps":
		s.Protocol, s.Port = SMTP, 465
	case "lmtp":
		s.Protocol, s.Port, s.LMTP = SMTP, 24, true
	case "lmtp+unix":
		s.Protocol, s.LMTP = SMTP, true
	case "imap":
		s.Protocol, s.Port = IMAP, 143
	case "imaps":
		s.Protocol, s.Port = IMAP, 993
	case "pop3", "pop":
		s.Protocol, s.Port = POP3, 110
	case "pop3s", "pops":
		s.Protocol, s.Port = POP3, 995
	default:
		return "the scheme must be smtp, smtps, lmtp, lmtp+unix, imap, imaps, pop3 or pop3s"
	}
	return ""
}

// setPlace takes the host and port, or the socket, from u.
func (s *Server) setPlace(u *url.URL) (reason string) {
	if s.LMTP && u.Host == "" {
		s.Socket, s.Port = u.Path, 0
		if u.Opaque != "" || !strings.HasPrefix(s.Socket, "/") || strings.ContainsRune(s.Socket, 0) {
			return "it needs the whole path of a Unix socket, as lmtp+unix:///run/dovecot/lmtp"
		}
		return ""
	}
	switch {
	case s.scheme == "lmtp+unix":
		return "it needs three slashes before the path of the Unix socket"
	case u.Opaque != "" || u.Hostname() == "":
		return "it needs a host, as " + s.scheme + "://mail.example.org"
	case u.Path != "" && u.Path != "/":
		return "nothing may follow the host and port but ?tls= and ?auth="
	case u.Fragment != "":
		return "it has a #; in a user name that is %23"
	}
	if p := u.Port(); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > 65535 {
			return "the port must be from 1 to 65535"
		}
		s.Port = n
	}
	return s.setHost(u.Hostname())
}

func (s *Server) setHost(host string) (reason string) {
	if _, err := netip.ParseAddr(host); err == nil {
		s.Host = host
		return ""
	}
	ascii := host
	if strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
		a, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "the host is no name of a host"
		}
		ascii = a
	}
	if strings.ContainsFunc(ascii, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"<>[]\^{|}@:%`, r) }) {
		return "the host is no name of a host"
	}
	s.Host = ascii
	return ""
}

// setUser takes the login from the URL. RFC 5092 §3.2 and RFC 2384 §4: the mechanism may stand in it as ";AUTH=".
func (s *Server) setUser(u *url.Userinfo) (reason string) {
	if u == nil {
		return ""
	}
	s.User = u.Username()
	s.password, _ = u.Password()
	if i := strings.LastIndex(strings.ToUpper(s.User), ";AUTH="); i >= 0 {
		if s.Mechanism = strings.ToUpper(s.User[i+len(";AUTH="):]); s.Mechanism == "*" {
			s.Mechanism = ""
		}
		s.User = s.User[:i]
	}
	if strings.ContainsAny(s.User+s.password, "\r\n\x00") {
		return "the user name or password has a line end or a NUL in it"
	}
	return ""
}

func (s *Server) setQuery(u *url.URL) (reason string) {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "what follows the ? cannot be read"
	}
	for key, values := range q {
		switch key {
		case "tls":
			s.Mode = values[len(values)-1]
		case "auth":
			s.Mechanism = strings.ToUpper(values[len(values)-1])
		default:
			return "after the ? only tls= and auth= are known"
		}
	}
	return checkMode(s.Mode, s.Implicit())
}

// Implicit says whether the scheme means TLS from the start.
func (s *Server) Implicit() bool { return strings.HasSuffix(s.scheme, "s") }

// Address is host:port, or the path of the socket.
func (s *Server) Address() string {
	if s.Socket != "" {
		return s.Socket
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// Loopback says whether the host is this machine by its name alone.
func (s *Server) Loopback() bool {
	if s.Socket != "" {
		return true
	}
	if a, err := netip.ParseAddr(s.Host); err == nil {
		return a.Unmap().IsLoopback()
	}
	host := strings.ToLower(strings.TrimSuffix(s.Host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") // RFC 6761 §6.3
}

// String is the URL without its password.
func (s *Server) String() string {
	u := url.URL{Scheme: s.scheme, Host: s.Address()}
	if s.Socket != "" {
		u.Host, u.Path = "", s.Socket
	}
	if s.User != "" {
		u.User = url.User(s.User)
	}
	return u.String()
}
