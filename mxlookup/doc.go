// Package mxlookup finds out where the mail of a domain goes, for one domain or a million.
//
// A Resolver asks recursive name servers. Its parts are, from the wire up:
//
//   - name.go, message.go, answer.go, record.go: names, messages and records on the wire (RFC 1035 §4.1), with their bounds;
//     ascii.go: internationalised names (RFC 5890) and address literals (RFC 5321 §4.1.3) from what people write.
//   - udp.go, socket.go: one socket a server with many questions in flight, each with a random id and the case of its letters
//     mixed ("0x20"), so that an answer has to match in both; rtt.go: how long an answer may take before the
//     question is sent again (after RFC 6298); alone.go: a socket for a single question, without goroutine or poller.
//   - stream.go: TCP and TLS (RFC 7766, 7858), one connection a server with pipelined questions; https.go (RFC 8484).
//   - exchange.go, verdict.go: one question to an answer over several servers: EDNS0 (RFC 6891) with a way back for servers that
//     do not know it, TCP for what was truncated, the next server for one that fails or is silent; extended.go: why it fails (RFC 8914).
//   - lookup.go: aliases followed (RFC 1034 §3.6.2), questions in flight shared, cache.go: positive and negative
//     answers kept for their time to live (RFC 2308, 8020, 9520) in bounded memory.
//   - mx.go, address.go, srv.go, text.go: the questions of mail: MX with null MX (RFC 7505) and the implicit MX
//     (RFC 5321 §5.1), SRV (RFC 2782, 6186, 8314), TXT, PTR, TLSA (RFC 6698).
//   - bulk.go: many domains at once with the answers in order.
//
// Left out: recursion from the root, validation of DNSSEC signatures (the AD bit of a resolver that the user trusts
// is taken for it, RFC 6840 §5.8), search lists (a mail domain is fully qualified, RFC 5321 §2.3.5), zone transfers.
package mxlookup
