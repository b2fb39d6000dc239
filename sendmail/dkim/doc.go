// Package dkim signs letters (RFC 6376, with the algorithms of RFC 8301 and Ed25519 of RFC 8463) and verifies their
// signatures.
//
// Sign reads a letter once and returns the fields to put in front of it; the letter's own octets are neither kept nor
// changed. Several keys sign at once over one hash of the body. canonical.go is RFC 6376 §3.4, header.go §5.4,
// signature.go §3.5, key.go the keys and their records in the DNS (§3.6). Verify is emersion/go-msgauth's with bounds
// round it.
//
// A line of the letter may end in LF alone and is signed as it goes over the wire, with CRLF.
//
// Left out: the tags l (a body that may be added to, §8.2), z and q, rsa-sha1 (RFC 8301), ADSP.
package dkim
