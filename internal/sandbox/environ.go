package sandbox

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ConfigFile is a configuration of posta whose only account, "sandbox", is this sandbox.
func (s *Sandbox) ConfigFile() string { return filepath.Join(s.dir, "config.toml") }

// writeConfig writes ConfigFile.
func (s *Sandbox) writeConfig() error {
	var b strings.Builder
	fmt.Fprintf(&b, "root = true\ndefault = \"sandbox\"\n\n[account.sandbox]\n")
	fmt.Fprintf(&b, "from = %s\n", strconv.Quote("posta@"+s.opt.Host))
	fmt.Fprintf(&b, "smtp = %s\n", strconv.Quote("smtp://"+s.SMTPAddr()))
	fmt.Fprintf(&b, "imap = %s\n", strconv.Quote("imap://"+allMail+"@"+s.Addr("imap")))
	fmt.Fprintf(&b, "pop3 = %s\n", strconv.Quote("pop3://"+allMail+"@"+s.Addr("pop3")))
	fmt.Fprintf(&b, "password = { file = %s }\n", strconv.Quote(s.passwordFile()))
	fmt.Fprintf(&b, "tls = { ca = %s }\n", strconv.Quote(s.CAFile()))
	password := s.opt.Users[allMail]
	if password == "" {
		password = "any"
	}
	if err := os.WriteFile(s.passwordFile(), []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	return os.WriteFile(s.ConfigFile(), []byte(b.String()), 0o600)
}

// passwordFile has the password of the user who sees all letters.
func (s *Sandbox) passwordFile() string { return filepath.Join(s.dir, "password") }

// Environ is what a program needs to know of the sandbox, as "NAME=value":
//
//	POSTA_CONFIG          posta's configuration: the sandbox is the default account
//	POSTA_RESOLVER        host:port of the name server that posta asks
//	POSTA_DIRECT_PORT     the port at which "posta send --direct" and "posta mx check" find the hosts of a domain
//	POSTA_POLICY_PORT     that at which they find MTA-STS policies, if there are any
//	POSTA_SANDBOX         the control socket
//	POSTA_SANDBOX_CA      the file of the certificate to trust
//	POSTA_SANDBOX_HOST    the sandbox's host name
//	POSTA_SANDBOX_SMTP    host:port; likewise _SMTPS, _LMTP, _POP3, _POP3S, _IMAP, _IMAPS, _HTTPS, _DNS
func (s *Sandbox) Environ() []string {
	_, port, _ := net.SplitHostPort(s.SMTPAddr())
	env := []string{
		"POSTA_CONFIG=" + s.ConfigFile(),
		"POSTA_RESOLVER=" + s.DNSAddr(),
		"POSTA_DIRECT_PORT=" + port,
		"POSTA_SANDBOX=" + s.ControlAddr(),
		"POSTA_SANDBOX_CA=" + s.CAFile(),
		"POSTA_SANDBOX_HOST=" + s.Host(),
	}
	if _, port, err := net.SplitHostPort(s.Addr("https")); err == nil {
		env = append(env, "POSTA_POLICY_PORT="+port)
	}
	for _, name := range ServiceNames() {
		if addr := s.Addr(name); addr != "" {
			env = append(env, "POSTA_SANDBOX_"+strings.ToUpper(name)+"="+addr)
		}
	}
	return env
}
