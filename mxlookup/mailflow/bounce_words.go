package mailflow

import (
	"regexp"
	"strings"
	"sync"
)

// enhanced finds an enhanced status code (RFC 3463 §2), reply the code of a reply (RFC 5321 §4.2).
var (
	enhanced = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[^0-9.])([245]\.\d{1,3}\.\d{1,3})(?:$|[^0-9.]|\.(?:$|[^0-9]))`)
	})
	reply = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:^|[\s:;(<"'])([45][0-5]\d)(?:[\s\-:;,.)"']|$)`) })
)

// statusOfLine is the status that a server's line gives, or that its words or the code of its reply mean; "" when it
// says nothing.
func statusOfLine(line string) string {
	if line == "" {
		return ""
	}
	code := ""
	if m := reply().FindStringSubmatch(line); m != nil {
		code = m[1]
	}
	if m := enhanced().FindStringSubmatch(line); m != nil && !strings.HasSuffix(m[1], ".0.0") {
		return m[1]
	}
	if meant := statusOfWords(line); meant != "" {
		if strings.HasPrefix(code, "4") {
			return "4" + meant[1:]
		}
		return meant
	}
	switch code {
	case "421", "450", "451", "452":
		return map[string]string{"421": "4.3.2", "450": "4.2.1", "451": "4.3.0", "452": "4.2.2"}[code]
	case "":
		return ""
	}
	return code[:1] + ".0.0"
}

// meaning is a status that some words stand for.
type meaning struct {
	status string
	words  []string
}

// meanings are the words of common servers, the more telling first.
func meanings() []meaning {
	return []meaning{
		{"5.2.2", []string{"mailbox full", "mailbox is full", "over quota", "quota exceeded", "overquota", "exceeded storage", "mailbox has exceeded", "exceeds allowed quota", "insufficient disk", "mail quota", "folder is full"}},
		{"5.3.4", []string{"too large", "size limit", "too big", "exceeds the maximum", "message size exceeds", "exceeds size"}},
		{"5.1.2", []string{"host unknown", "host not found", "domain not found", "unknown host", "unrouteable mail domain", "unroutable mail domain", "no such domain", "name service error", "couldn't find any host", "domain does not exist", "name or service not known", "unknown domain", "illegal host", "no mx record", "could not find a gateway"}},
		{"5.1.10", []string{"indicated no smtp service", "null mx"}},
		{"5.7.1", []string{"relay", "spam", "blocked", "blacklist", "block list", "blocklist", "rejected by policy", "policy violation", "access denied", "not authorized", "not allowed", "reputation", "content rejected", "dmarc", "banned", "virus", "refused by"}},
		{"5.2.1", []string{"mailbox disabled", "account disabled", "account is disabled", "inactive", "suspended", "mailbox unavailable", "account has been disabled", "account is locked", "no longer"}},
		{"5.1.1", []string{"user unknown", "unknown user", "no such user", "no mailbox", "unknown recipient", "recipient unknown", "invalid recipient", "mailbox not found", "does not exist", "doesn't exist", "no such recipient", "not found", "no such mailbox", "user not known", "unknown address", "not our customer", "unknown or illegal alias", "addressee unknown", "undeliverable address", "unrouteable address", "no such address", "not a valid", "doesn't have a", "invalid mailbox", "bad destination mailbox", "user doesn't", "address rejected", "recipient rejected", "recipientnotfound", "not listed in", "not recognized", "unbekannt", "inconnu", "invalid final delivery userid"}},
		{"4.4.1", []string{"connection refused", "connection timed out", "timed out", "no route to host", "unable to connect", "wasn't able to establish", "network unreachable", "unreachable", "did not accept our requests to connect"}},
		{"5.4.6", []string{"loop", "too many hops"}},
		{"4.4.7", []string{"retry timeout exceeded", "retry time", "message expired", "queue too long", "been in the queue too long", "delivery time expired", "envelope expired", "failing for a long time", "multiple retries, giving up"}},
		{"5.3.0", []string{"mail system", "local error", "system config"}},
	}
}

// statusOfWords is what the words of a line mean.
func statusOfWords(line string) string {
	line = strings.ToLower(line)
	for _, m := range meanings() {
		for _, words := range m.words {
			if strings.Contains(line, words) {
				return m.status
			}
		}
	}
	return ""
}

// statusWords is a status in words (RFC 3463 §3, and the registry of RFC 5248).
func statusWords(status string) string {
	class, detail, _ := strings.Cut(status, ".")
	words, ok := statusDetails()[detail]
	if !ok {
		subject, _, _ := strings.Cut(detail, ".")
		words = map[string]string{
			"0": "", "1": "address", "2": "mailbox", "3": "mail system", "4": "network or routing", "5": "protocol", "6": "content", "7": "security or policy",
		}[subject]
	}
	switch class {
	case "2":
		return "delivered"
	case "4":
		return strings.TrimSuffix("temporary: "+words, ": ")
	}
	return words
}

func statusDetails() map[string]string {
	return map[string]string{
		"1.0": "bad address", "1.1": "no such mailbox", "1.2": "no such host or domain", "1.3": "bad address syntax", "1.4": "ambiguous address",
		"1.6": "mailbox has moved", "1.7": "bad sender's address", "1.8": "sender's host or domain unknown", "1.10": "no such mailbox, or the domain takes no mail",
		"2.0": "mailbox", "2.1": "mailbox disabled", "2.2": "mailbox full", "2.3": "message too long for the mailbox", "2.4": "mailing list",
		"3.0": "mail system", "3.1": "mail system full", "3.2": "system takes no mail now", "3.4": "message too big", "3.5": "system configured wrongly",
		"4.0": "network", "4.1": "no answer from host", "4.2": "connection lost", "4.3": "name server failed", "4.4": "cannot be routed",
		"4.5": "congested", "4.6": "loop", "4.7": "waited too long",
		"5.0": "protocol", "5.1": "invalid command", "5.2": "syntax error", "5.3": "too many recipients", "5.4": "invalid arguments",
		"5.6": "authentication exchange too long",
		"6.0": "content", "6.1": "media not supported", "6.2": "conversion forbidden", "6.3": "conversion needed", "6.4": "conversion lost something",
		"6.5": "conversion failed", "6.6": "content cannot be had", "6.7": "address needs SMTPUTF8", "6.8": "reply needs SMTPUTF8",
		"6.9": "header needs SMTPUTF8", "6.10": "conversion failed",
		"7.0": "security or policy", "7.1": "not authorized, or refused by policy", "7.2": "list refused", "7.3": "security cannot be converted",
		"7.4": "security is not supported", "7.5": "cryptography failed", "7.6": "cryptography is not supported", "7.7": "letter was changed",
		"7.8": "authentication failed", "7.9": "authentication is too weak", "7.10": "encryption needed", "7.11": "encryption needed for authentication",
		"7.12": "password has to be changed", "7.13": "account disabled", "7.14": "trust needed", "7.15": "priority too low", "7.16": "too big for its priority",
		"7.17": "mailbox has another owner", "7.18": "domain has another owner", "7.19": "RRVS cannot be done", "7.22": "no DKIM signature of the author passed",
		"7.20": "no DKIM signature passed", "7.21": "no acceptable DKIM signature", "7.23": "SPF failed", "7.24": "SPF error", "7.25": "reverse name failed",
		"7.26": "authentication of the sender failed", "7.27": "sender takes no mail", "7.28": "too many letters", "7.29": "ARC failed", "7.30": "REQUIRETLS is not supported",
	}
}
