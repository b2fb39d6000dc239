// Package imap is an IMAP4 client (RFC 9051, RFC 3501) that fetches, searches, files and watches mail. Its engine and
// its parser are its own; the types of go-imap stand at its edge.
//
// The model has four parts:
//
//   - A Client is one connection, past its greeting, STARTTLS and login.
//   - A Pending is a command that was made. It goes out with the first wait for it or for a later one, with all that
//     were made before, in one write: Select(…), Search(…), Status(…) and then the first Wait cost one turn of the wire
//     together. Responses go to the command that they belong to; what the server says of its own accord is kept in the
//     order in which it came (Updates).
//   - A Fetch is a FETCH under way, whose messages are pulled one by one. A Message has items in whatever order the
//     server likes; content comes as a Literal straight from the receive buffer, without a copy and without a limit.
//   - An Error is the server's NO, BAD or BYE with its response code, or what broke the connection; Temporary, Login and
//     Throttled say what to do about it.
//
// A fetch of a whole mailbox, whose every turn is shown:
//
//	c, err := imap.Dial(ctx, cfg)                       // greeting; login
//	sel := c.Select("INBOX", imap.SelectOptions{ReadOnly: true})
//	f := c.Fetch(set, imap.FetchOptions{…})             // nothing is sent yet
//	box, err := sel.Wait()                              // SELECT and FETCH, one turn
//	for m, err := range f.Messages() {
//		for l, err := m.Next(); err == nil; l, err = m.Next() {
//			_, err := io.Copy(file, l)          // an error if the literal is cut short
//		}
//		// m.UID, m.Flags are known now, and not before
//	}
//	c.Logout()
//
// # Round trips
//
// After the connect: the greeting, AUTHENTICATE with an initial response (SASL-IR), and one for everything that does
// not depend on an answer. STARTTLS adds two (STARTTLS and CAPABILITY) and the handshake; a server that does not tell its
// capabilities in the greeting or after the login costs one each. At most 32 KiB of commands are in flight; the rest follows as
// answers come.
//
// # What cannot happen
//
// A literal that is cut short never ends in io.EOF. Content never gets lost between commands: a response that nobody
// waits for and that has content is an error. Nothing that the server sends makes memory grow beyond a few dozen MiB or is
// listened to for ever; what is not understood is skipped. Credentials go to a verified or local server alone.
// Deleting is never a guess: Move without MOVE deletes by UID EXPUNGE what COPY's OK says was copied, or refuses.
//
// # Other people's servers
//
// What they send instead is met where it can be told: quotes within quoted strings that have no backslash, items within
// parentheses of their own, ENVELOPEs that are too short, dispositions without a list, names of mailboxes with blanks, response
// codes without their OK, BAD for being busy. What follows content is looked at closely, for a literal that is longer than it
// says would else be cut without a sign.
//
// # Standards
//
// RFC 9051, 3501, 2177 (IDLE), 2342 (NAMESPACE), 2971 (ID), 3348, 3502 (MULTIAPPEND), 3516 (BINARY), 3691 (UNSELECT), 4314
// (ACL), 4315 (UIDPLUS), 4731 (ESEARCH), 4959 (SASL-IR), 4978 (COMPRESS), 5032 (WITHIN), 5161 (ENABLE), 5182 (SEARCHRES), 5256 (SORT,
// THREAD), 5258 (LIST-EXTENDED), 5267 (CONTEXT=SEARCH: PARTIAL alone), 5465 (NOTIFY), 5530 (codes), 5819 (LIST-STATUS), 6154
// (SPECIAL-USE), 6851 (MOVE), 6855, 9755 (UTF8=ACCEPT), 7162 (CONDSTORE, QRESYNC), 7888 (LITERAL+, LITERAL-), 7889 (APPENDLIMIT),
// 8438 (STATUS=SIZE), 8474 (OBJECTID), 8514 (SAVEDATE), 9208 (QUOTA), 9394 (PARTIAL), 9738 (MESSAGELIMIT: it is an error),
// X-GM-EXT-1. Left out: METADATA, ANNOTATE, CATENATE, URLAUTH, CONVERT, LANGUAGE, UIDONLY, REPLACE, LIST-MYRIGHTS, referrals,
// updates of searches (CONTEXT).
package imap
