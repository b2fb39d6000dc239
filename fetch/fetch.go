// Package fetch brings mail home: it takes messages from a server and hands them to a store, remembers which have come,
// and goes on where an earlier run ended, whatever ended it.
//
// A [State] is a small file beside the store. A message is written down there before it gets its final name in the
// store, and again when it is durable; a run that finds the first without the second asks the store. So a message that is
// on the server is neither lost nor stored twice, where the store can tell (Maildir, dir, mbox).
//
// [POP3] is the download over a POP3 session, [PlanPOP3] decides what it is to do. [IMAP] is the download of folders over
// IMAP4, which makes its connections itself and anew; its state is an [IMAPState], of UIDs in ranges (RFC 9051 §2.3.1.1).
//
// A [Mirror] carries to the store what changes on the server later: flags and deletions.
//
// Left out: writing to the server but for flags.
package fetch
