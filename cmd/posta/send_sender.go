package main

import (
	"os"
	"os/user"
	"strings"

	"posta/mimetool"
	"posta/sendmail"
)

// envelopeSender is -f, else the stream's word, else the address of Sender or From, else the account's.
func (s *sending) envelopeSender(h mimetool.Header, own envelopeHint) (string, error) {
	switch {
	case s.sender != nil:
		return s.sender.Addr, nil
	case own.nullFrom || own.from != "":
		return own.from, nil
	}
	for _, name := range []string{"Resent-Sender", "Resent-From", "Sender", "From"} {
		if value := h.Get(name); strings.TrimSpace(value) != "" {
			list, err := parseMailboxes(value)
			if err != nil {
				return "", fail(exitDataErr, "the letter's %s (-f says another sender): %w", name, err)
			}
			if len(list) > 0 {
				return list[0].Addr, nil
			}
		}
	}
	m, err := s.author()
	return m.Addr, err
}

// author is who a letter is from that does not say so itself: -f, else the account's from, else the user here.
func (s *sending) author() (mimetool.Address, error) {
	if s.sender != nil && s.sender.Addr != "" {
		return *s.sender, nil
	}
	if from := s.conn.account.From; from != "" {
		m, err := mimetool.ParseAddress(from, mimetool.AddressSyntax{Local: true})
		if err != nil {
			return m, fail(exitConfig, "the account's from: %w", err)
		}
		return m, nil
	}
	if login := s.conn.server.User; strings.Contains(login, "@") && sendmail.CheckAddress(login) == nil {
		return mimetool.Address{Addr: login}, nil
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost"
	}
	name := firstOf(s.env.getenv("LOGNAME"), s.env.getenv("USER"))
	if name == "" {
		if u, err := user.Current(); err == nil {
			name = u.Username
		}
	}
	m := mimetool.Address{Addr: name + "@" + host}
	if name == "" || sendmail.CheckAddress(m.Addr) != nil {
		return m, fail(exitConfig, "no sender: give -f ADDRESS, or write from = ADDRESS into the account")
	}
	return m, nil
}

// idDomain is the right side of a Message-ID made for a letter from this address.
func idDomain(from string) string {
	if _, domain, ok := strings.Cut(from[max(0, strings.LastIndexByte(from, '@')):], "@"); ok && !strings.ContainsAny(domain, "[] ") && isASCII(domain) {
		return domain
	}
	if host, err := os.Hostname(); err == nil && host != "" && isASCII(host) {
		return host
	}
	return "localhost"
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}
