// Package mimetool reads and writes MIME messages as they are really found, in flat memory and at the speed of one pass
// over their octets.
//
// The model: a message is a stream of octets. A [Walker] goes through it once and gives each entity (RFC 2045 §2.4) as
// a [Part], in the order of the document: its header, its number as IMAP counts, its place. The body of a part is a
// reader, raw or freed of its transfer encoding; what nobody reads is passed over. Nothing is kept, so the size of a
// message does not matter; the [Limits] bound what is: depth, parts, the header of one entity.
//
// A message that exists is never refused. What had to be repaired or guessed is a [Defect] with a name, the section of
// the RFC that is broken, and a place. Only a limit ends a walk, with a [LimitError], and what came before has been
// given by then.
//
// Implemented: RFC 2045, 2046, 2047, 2049, 2183, 2231, 3676, 5322 with its obsolete syntax, 6532, 1740 and 1741
// (AppleDouble, BinHex 4.0), yEnc 1.3, uuencode of POSIX, TNEF. Left out: verifying or decrypting multipart/signed and
// multipart/encrypted (their parts are walked as any), fetching message/external-body.
package mimetool
