// Package sendmail is an SMTP client (RFC 5321) that hands letters to a relay, a submission server or, as LMTP
// (RFC 2033), to a mailbox server.
//
// The model has four parts:
//
//   - A Letter is a message scanned once, before anything is sent: its size on the wire, whether it is 8-bit,
//     what makes it unfit for the line-oriented DATA, its header. It lies in memory, in the caller's file or in a
//     nameless temporary file, and is written as often as needed.
//   - An Envelope is who it is from, who it goes to and what is asked of the server.
//   - A Client is one connection, past its greeting, EHLO, STARTTLS and AUTH.
//   - A Stream is many letters on one Client. Their transactions follow each other without waiting where the server
//     has PIPELINING (RFC 2920) and CHUNKING (RFC 3030); Send is a stream of one.
//
// # Round trips
//
// After the connect: EHLO; then MAIL, every RCPT, BDAT LAST, the letter and, for SendAndQuit, QUIT in one write. With
// PIPELINING alone MAIL, RCPT and DATA are one write and the letter the next one; in a stream the next MAIL, RCPT and
// DATA ride behind the last dot. STARTTLS and AUTH add four (STARTTLS, the TLS 1.3 handshake, EHLO, AUTH with an
// initial response). EHLO and AUTH are not sent together: RFC 2920 §3.1 makes EHLO the last of its group, and servers
// that enforce that hang up.
//
// # What cannot happen
//
// A letter whose source fails, is cut short or changes between scan and sending, or whose context is cancelled, never
// ends in a final dot or a complete last chunk: the connection is dropped instead. When the connection is lost after
// the end of a letter was sent and before its reply came, the error has InDoubt set, and only then.
//
// # Standards
//
// RFC 5321, 2033 (LMTP), 3207 (STARTTLS), 4954 (AUTH), 1870 (SIZE), 6152 (8BITMIME), 2920 (PIPELINING), 3030 (CHUNKING,
// BINARYMIME), 3461 (DSN), 6531 (SMTPUTF8), 2034 (enhanced codes), 8689 (REQUIRETLS), 4865 (FUTURERELEASE), 2852
// (DELIVERBY), 6710 (MT-PRIORITY), 7293 (RRVS), 1985 (ETRN). Left out: source routes, SEND/SOML/SAML, TURN and ATRN,
// SASL security layers (TLS is that), CHUNKING with LMTP, conversion of 8-bit letters to 7-bit ones.
package sendmail
