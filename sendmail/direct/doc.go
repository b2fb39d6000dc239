// Package direct sends letters without a relay: to the hosts that take the mail of each recipient's domain.
//
// The hosts are those of the MX records by preference, equal ones in random order, else the domain's own addresses
// (RFC 5321 §5.1); a null MX ends it at once (RFC 7505). A host that cannot be reached, or answers 4yz before the letter's
// own dialogue, gives way to the next. Own names among the hosts cut off those that are no better (RFC 5321 §5.1:
// loops). There is one transaction for each domain, and a result for each recipient. An address that was silent until the
// time limit is left alone for as long as that took.
//
// How a host has to prove itself follows from what its domain publishes (policy.go): DANE (RFC 7672), else MTA-STS
// (RFC 8461), else TLS as good as it comes, and plain text where there is none (RFC 7435). With REQUIRETLS (RFC 8689) it
// is never that. No credentials are ever sent.
//
// A policy that was seen is kept by a PolicyStore, if there is one, for the next run.
//
// Left out: reports (RFC 8460), the queue.
package direct
