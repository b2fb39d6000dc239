// Package mailflow says what decides whether mail arrives: would mail to a domain be taken, and would mail from it be
// believed? Checker asks the world about a domain, Trace reads what a letter says of its own way, Bounces reads why
// one came back.
//
// A check is a list of findings, each with the section that it follows from and what to do about it:
//
//   - hosts.go: MX, null MX, addresses, reverse names (RFC 5321 §5.1, 7505, 1912 §2.1);
//   - probe.go: connect, banner, EHLO, STARTTLS with the time of each step (RFC 5321 §4.2, 3207);
//   - certificate.go: the certificate against the public authorities, DANE (RFC 7672) and MTA-STS (RFC 8461);
//   - spf.go (RFC 7208), dmarc.go (RFC 7489), dkimkeys.go (RFC 6376 §3.6.1, 8301), reports.go (RFC 8460, BIMI),
//     autoconfig.go (RFC 6186, 8314).
//
// Nothing is ever sent but EHLO, STARTTLS and QUIT. Left out: blocklists, sending a letter to see, ARC seals verified.
package mailflow
