// Package store keeps messages that were fetched: in a Maildir, an mbox file, a directory with a file for each, by a
// command, or on a stream.
//
// A [Store] takes one message after the other by Put, which reads it to its end, and says later when it is durable: Put
// returns a [Receipt], which is done when the message has been synced to the disk under its final name and the name
// too. Messages are synced in groups, while the next group is being read, so that safety costs little; Flush syncs
// what there is. A message whose reader ends in an error is never seen under a final name.
//
// A [Journal] may be told of each group before its messages get their final names, and after. With what it was told before,
// a program that was killed in between can ask the store by Holds which of the group it has, so that no message is
// stored twice.
//
// [Kept] finds the files of a Maildir or a dir again later, by what their names say, to change their flags or to remove them.
//
// The octets are kept as they are, but for LF in place of CRLF where Options.LF or an mbox asks for it, and mboxrd's
// quoting. Forms: Maildir (cr.yp.to/proto/maildir.html) with Maildir++ folders, mboxrd with RFC 4155's From_ lines, and the
// streams of mimetool/stream. Left out: Maildir++ quota, dovecot-keywords, MH, mbox index files.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"posta/mimetool/stream"
)

// ErrSpec: what names a store cannot be understood.
var ErrSpec = errors.New("a store is maildir:DIR, mbox:FILE, dir:DIR, exec:CMD or -")

// ErrFolders: the store has no folders but its one.
var ErrFolders = errors.New("this store has no folders")

// Message is one to be stored.
type Message struct {
	io.Reader          // its octets to io.EOF; any other error: it is not whole
	Folder    []string // where, from the outermost; nil: the inbox. For Maildir and dir alone
	Date      time.Time
	Flags     Flags
	From      string // envelope's sender, for mbox; "" unknown
	Name      string // what its file may be called in a dir or tar, made safe; "": a number
	Tag       Tag    // for a Maildir's file name
	Size      int64  // expected, for nothing but tar and jsonl; -1: unknown
	Key       any    // the caller's; comes back in the Receipt
}

// A Store takes messages. Its methods are called by one goroutine; Receipts may be asked by any.
type Store interface {
	// Put reads m to its end and takes it. The error is m's reader's, or the store's own as a *WriteError; the message
	// is then not kept, and others may follow. Receipts are done in the order in which they were given.
	Put(ctx context.Context, m *Message) (*Receipt, error)
	// Flush waits until all that was put is durable, or has failed; each Receipt says which.
	Flush(ctx context.Context) error
	// Holds says whether a message is at a Receipt's Place, after a crash.
	Holds(place string) (bool, error)
	// Close flushes and frees what the store has.
	Close() error
}

// A Journal is told what becomes of messages. It is called by one goroutine at a time.
type Journal interface {
	// Prepare is called before messages get their final names. They are at their Places after a crash, or not at all.
	// After an error they are given up.
	Prepare(group []*Receipt) error
	// Stored is called when they are durable. After an error they are said to have failed.
	Stored(group []*Receipt) error
}

// WriteError is what kept a store from keeping a message.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return "store: " + e.Err.Error() }
func (e *WriteError) Unwrap() error { return e.Err }

// Options of all stores. The zero value serves.
type Options struct {
	Journal Journal
	LF      bool             // CRLF becomes LF, as other programs expect it in files
	Group   int              // messages synced together; default 1024, or what the limit on open files allows
	Format  stream.Format    // of a stream; "": raw, one message
	NUL     bool             // paths end in NUL
	Now     func() time.Time // default time.Now
	Environ []string         // of commands
	Stdout  io.Writer        // of commands
	Stderr  io.Writer        // of commands
}

func (o *Options) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// Kind is the form of a store.
type Kind string

// The kinds.
const (
	KindMaildir Kind = "maildir"
	KindMbox    Kind = "mbox"
	KindDir     Kind = "dir"
	KindExec    Kind = "exec"
	KindStream  Kind = "-"
)

// ParseSpec takes apart what names a store: maildir:DIR, mbox:FILE, dir:DIR, exec:CMD, or "-".
func ParseSpec(spec string) (Kind, string, error) {
	if spec == string(KindStream) {
		return KindStream, "", nil
	}
	kind, arg, _ := strings.Cut(spec, ":")
	switch k := Kind(kind); k {
	case KindMaildir, KindMbox, KindDir, KindExec:
		if arg != "" && !strings.Contains(arg, "\x00") {
			return k, arg, nil
		}
	}
	return "", "", fmt.Errorf("%w: not %q", ErrSpec, spec)
}

// Open opens the store that spec names, and makes it where it is missing. Out is where "-" writes. Errors but
// ErrSpec are *WriteError. The caller closes the store.
func Open(spec string, out io.Writer, opt Options) (Store, error) {
	kind, arg, err := ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	switch kind {
	case KindMaildir:
		return OpenMaildir(arg, opt)
	case KindMbox:
		return OpenMbox(arg, opt)
	case KindDir:
		return OpenDir(arg, opt)
	case KindExec:
		return OpenExec(arg, opt)
	}
	return OpenStream(out, opt)
}
