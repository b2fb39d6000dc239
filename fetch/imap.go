package fetch

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
)

var (
	// ErrNoContent: the server says that there is a message, and sends nothing of it.
	ErrNoContent = errors.New("the server sent nothing of it")
	// ErrGone: a message that was asked for is not in the folder, or not any more.
	ErrGone = errors.New("there is no such message")
	// ErrMany: more than one message is found, and IMAP.Single asks for one.
	ErrMany = errors.New("more than one message")
)

// IMAP is a download over IMAP4: of whole folders, or what is chosen of them, into a store.
//
// A folder costs one turn of the wire: EXAMINE, the FETCH of all that has not come, and a SEARCH that tells whether all
// came go out together, and those of many folders behind each other. Where there is more to choose by than UIDs it is
// two. What the server leaves out or refuses is asked for again, one by one. Content goes from the receive buffer to the
// store, which makes it durable while more comes.
//
// A connection that is lost, or throttled, is made anew after a pause, and the download goes on where it stood.
type IMAP struct {
	Dial   func(context.Context) (*imap.Client, error)
	Stores []store.Store // one for each connection that is to be open; more than one must be of one Maildir or dir. Their Journal is State
	State  *IMAPState    // what has come, and is not fetched again

	UIDs     goimap.UIDSet // these alone; nil: all
	Named    goimap.UIDSet // of UIDs: those whose absence is an Arrival with ErrGone
	Query    imap.Program  // those alone that it finds, without UIDs; nil: all
	MaxSize  int64         // larger ones stay where they are; 0: any size
	Sections []string      // of each message, one behind the other: "HEADER", "2.MIME", "2"; none: all of it
	Single   bool          // at most one message: it goes where a second attempt would follow the first

	DryRun bool // nothing is fetched: an Arrival says what would be. Stores are not needed

	Flags []goimap.Flag // to be set on the server when messages are stored

	Mirror *Mirror // what of later changes is carried to the store; nil: nothing

	// Wait waits before a connection is made anew. Nil: by the clock.
	Wait func(context.Context, time.Duration) error
	// Pause bounds that time; 0: a minute.
	Pause time.Duration
}

// Folder is a mailbox, and where its messages go.
type Folder struct {
	Name string
	Path []string // in the store, from the outermost; nil: the store itself
	// UIDs are those alone that are wanted of it, without "*"; nil: what IMAP says.
	UIDs goimap.UIDSet
}

// Arrival is what became of a message; without a UID, of a folder as a whole, or, without a Folder, of the connection.
type Arrival struct {
	Folder string
	UID    goimap.UID
	Path   string        // of its file, where it has one
	Size   int64         // octets as stored
	Left   bool          // it is larger than MaxSize, and stays where it is
	Change Change        // what was done to the file of one that had come before, or would be; "": it has come
	Flags  store.Flags   // with FlagsChanged: of the file, now
	Err    error         // nil: it is durable
	Pause  time.Duration // without a Folder: Err lost the connection, which is made anew after this time
}

// Name is what the arrival is about.
func (a *Arrival) Name() string {
	if a.UID == 0 {
		return a.Folder
	}
	return a.Folder + " " + strconv.FormatUint(uint64(a.UID), 10)
}

// Run downloads folders. Arrivals of a folder come in the order of its messages, each when it is known. What concerns a message
// or a folder alone is an Arrival with its error, and others follow; so is a connection that is made anew. An error
// ends the sequence, after what was under way is settled: of the connection in the end, or a *store.WriteError.
func (p *IMAP) Run(ctx context.Context, folders []Folder) iter.Seq2[*Arrival, error] {
	return func(yield func(*Arrival, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		r := &imapRun{IMAP: p, arrivals: make(chan *Arrival), stop: cancel}
		for _, f := range folders {
			r.queue = append(r.queue, &folderJob{Folder: f})
		}
		go r.work(ctx)
		stopped := false
		for a := range r.arrivals {
			if !stopped && !yield(a, nil) {
				stopped = true
				cancel(context.Canceled)
			}
		}
		if r.err != nil && !stopped {
			yield(nil, r.err)
		}
	}
}

// imapRun is what the connections of a run share.
type imapRun struct {
	*IMAP
	arrivals chan *Arrival
	stop     context.CancelCauseFunc

	mu    sync.Mutex
	queue []*folderJob // that no connection has taken
	err   error        // what ended the run
}

// work runs the workers, and ends the arrivals.
func (r *imapRun) work(ctx context.Context) {
	var wait sync.WaitGroup
	for _, st := range r.stores() {
		w := &imapWorker{imapRun: r, store: st}
		wait.Go(func() {
			if err := w.run(ctx); err != nil {
				r.fail(ctx, err)
			}
		})
	}
	wait.Wait()
	close(r.arrivals)
}

// stores are those of the connections that are worth while. Folders whose names differ in case alone come over one, since
// their names in the store depend on each other.
func (r *imapRun) stores() []store.Store {
	if r.DryRun {
		return []store.Store{nothing{}}
	}
	names := map[string]bool{}
	for _, j := range r.queue {
		if name := strings.ToLower(j.Name); names[name] {
			return r.Stores[:1]
		}
		names[strings.ToLower(j.Name)] = true
	}
	return r.Stores[:min(len(r.Stores), len(r.queue))]
}

// nothing is the store of a dry run.
type nothing struct{ store.Store }

func (nothing) Flush(context.Context) error { return nil }

// fail notes the first error, which ends the others' work.
func (r *imapRun) fail(ctx context.Context, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		if ctx.Err() != nil {
			err = causeOf(ctx) // the connection was closed because of it
		}
		r.err = err
		r.stop(err)
	}
}

// causeOf is why a context ended: another connection's error, or context.Canceled, whoever said so.
func causeOf(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return context.Canceled
}

// inFlight is how many folders' commands a connection has under way.
const inFlight = 32

// take takes folders off the queue: fewer at a time where several connections share them.
func (r *imapRun) take() []*folderJob {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(inFlight, len(r.queue))
	if len(r.Stores) > 1 {
		n = min(n, 1+len(r.queue)/(2*len(r.Stores)))
	}
	jobs := r.queue[:n]
	r.queue = r.queue[n:]
	return jobs
}
