package fetch

import (
	"strconv"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// phase is what a folder's next turn is for.
type phase int

const (
	phaseBegin   phase = iota // all that has not come, and whether all did
	phaseSearch               // which ones there are
	phaseFetch                // those that were found
	phaseSingly               // those that did not come, each by a command of its own
	phaseHeaders              // headers of all, since the UIDs have changed
	phaseFlag                 // what is stored gets its flags on the server
	phasePrune                // which of those stored are still there
	phaseMirror               // what has changed of them, where that is not known yet
	phaseDone
)

// folderJob is a folder on its way.
type folderJob struct {
	Folder
	box   *mailbox
	phase phase
	turn  folderTurn

	todo      goimap.UIDSet // to be fetched, of phaseFetch and phaseSingly
	taken     goimap.UIDSet // given to the store by this run
	failed    goimap.UIDSet // given up by this run
	absent    goimap.UIDSet // of those, what is not there at all
	told      goimap.UIDSet // to be too large
	validity  uint32
	next      goimap.UID // UIDNEXT, when the folder was first asked for what has not come
	reading   goimap.UID // the message whose content is being read
	suspect   goimap.UID // in whose content the last connection ended
	losses    int        // connections in a row that ended in it
	lone      bool       // one message is asked for in a turn, since one ends connections
	changes   int        // of UIDVALIDITY, in this run
	scattered bool       // a range of those that did not come brings nothing
	mirror    mirrorJob
}

// folderTurn is the commands of one turn.
type folderTurn struct {
	selected *imap.Pending[imap.Selected]
	fetches  []*imap.Fetch
	asked    []goimap.UID // of phaseSingly, by fetch; the rest may be one fetch more
	search   *imap.Pending[imap.Found]
	large    *imap.Pending[imap.Found]
	store    *imap.Pending[imap.Stored]
	want     goimap.UIDSet
	mirror   mirrorTurn
}

// simple says whether what is wanted of a folder can be said in UIDs alone.
func (j *folderJob) simple(p *IMAP) bool {
	uids := j.uids(p)
	return !p.DryRun && p.Query == nil && p.MaxSize == 0 && !uids.Dynamic() && (!p.Single || size(uids) == 1)
}

// uids are those alone that are wanted of the folder; nil: all.
func (j *folderJob) uids(p *IMAP) goimap.UIDSet {
	if j.UIDs != nil {
		return j.UIDs
	}
	return p.UIDs
}

// maxRanges is how many ranges of UIDs are asked for without knowing which are there.
const maxRanges = 300

// ask makes the commands of the folder's turn. None is sent yet.
func (j *folderJob) ask(w *imapWorker) error {
	if j.box == nil {
		box, err := w.State.find(j.Name)
		if err != nil {
			return &store.WriteError{Err: err}
		}
		j.box = box
	}
	j.turn = folderTurn{}
	t := &j.turn
	if j.phase == phaseBegin {
		t.want = j.wanted(w)
		if !j.simple(w.IMAP) || len(t.want) > maxRanges || j.lone {
			j.phase = phaseSearch
		}
	}
	t.mirror.asked = j.mirrors(w) && j.phase != phaseHeaders && j.phase != phaseFlag
	condStore := t.mirror.asked && w.Mirror.Flags && w.condStore()
	t.selected = w.client.Select(j.Name, imap.SelectOptions{ReadOnly: j.phase != phaseFlag, CondStore: condStore})
	if t.mirror.asked {
		j.askFlags(w)
	}
	j.askPhase(w)
	j.askList(w)
	return nil
}

// askPhase makes the commands of the phase.
func (j *folderJob) askPhase(w *imapWorker) {
	t := &j.turn
	switch j.phase {
	case phaseSearch:
		t.search, t.large = j.searches(w)
	case phaseFetch:
		t.want = j.todo
		fallthrough
	case phaseBegin:
		t.fetches = append(t.fetches, w.client.Fetch(t.want, w.items()))
		j.askThere(w, t.want)
	case phaseSingly:
		j.askSingly(w)
	case phaseHeaders:
		t.fetches = append(t.fetches, w.client.Fetch(goimap.UIDSet{{Start: 1, Stop: lastUID}}, headerItems()))
	case phaseFlag:
		flags := goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: w.Flags}
		t.store = w.client.Store(subtract(j.taken, j.failed), flags, imap.StoreOptions{})
	case phasePrune:
		t.search = w.client.Search(imap.Raw(), imap.SearchOptions{})
	}
}

// anew is what a folder that is not done does over another connection: what came and what was given up is remembered.
func (j *folderJob) anew() {
	switch j.phase {
	case phaseSearch, phaseFetch, phaseSingly:
		j.phase = phaseBegin
	case phaseDone: // but for its changes, or it would not be under way
		j.phase = phaseMirror
	}
	j.reading = 0
}

// wanted are the UIDs that are to come, as far as is known without asking.
func (j *folderJob) wanted(w *imapWorker) goimap.UIDSet {
	var set goimap.UIDSet
	if uids := j.uids(w.IMAP); uids != nil {
		if set = uids; !set.Dynamic() {
			set = w.State.without(j.box, set)
		}
	} else {
		set = w.State.wanted(j.box)
	}
	return j.open(set)
}

// open is set without what this run is done with.
func (j *folderJob) open(set goimap.UIDSet) goimap.UIDSet {
	return subtract(subtract(set, j.taken), j.failed)
}

// byUID is a search for the messages of a set, and where that is long for those between, too.
func byUID(set goimap.UIDSet) imap.Program {
	switch {
	case len(set) == 0: // all has come
		return imap.Raw("NOT", "ALL")
	case len(set) > maxRanges:
		set = goimap.UIDSet{{Start: set[0].Start, Stop: set[len(set)-1].Stop}}
	}
	return imap.Raw("UID", set.String())
}

// searches are for what is wanted, and for what is too large.
func (j *folderJob) searches(w *imapWorker) (search, large *imap.Pending[imap.Found]) {
	keys := searchProgram{w.Query, nil}
	if uids := j.uids(w.IMAP); uids != nil && len(uids) <= maxRanges {
		keys.words = append(keys.words, "UID", uids.String())
	}
	if w.MaxSize > 0 {
		limit := strconv.FormatInt(w.MaxSize, 10)
		large = w.client.Search(searchProgram{keys.query, append(keys.words[:len(keys.words):len(keys.words)], "LARGER", limit)}, imap.SearchOptions{})
		keys.words = append(keys.words, "NOT", "LARGER", limit)
	}
	return w.client.Search(keys, imap.SearchOptions{}), large
}

// Needs are the capabilities that the query needs. See imap.Program.
func (p searchProgram) Needs() []string {
	if demanding, ok := p.query.(interface{ Needs() []string }); ok {
		return demanding.Needs()
	}
	return nil
}

// searchProgram is a query and words after it.
type searchProgram struct {
	query imap.Program
	words []string
}

// WriteSearch writes both. See imap.Program.
func (p searchProgram) WriteSearch(w interface {
	Atom(word string)
	String(text string)
},
) error {
	if p.query != nil {
		if err := p.query.WriteSearch(w); err != nil {
			return err
		}
	}
	return imap.Raw(p.words...).WriteSearch(w)
}

// singly is how many messages are asked for one by one in a turn.
const singly = 64

// askSingly asks for the first of those that did not come alone, and for the rest together: so it goes on behind one that the
// server refuses. Where the rest does not come so either, many are asked for alone.
func (j *folderJob) askSingly(w *imapWorker) {
	n := uint64(1)
	if j.scattered && !j.lone {
		n = singly
	}
	t := &j.turn
	t.want = j.todo
	alone := first(j.todo, n)
	t.asked, _ = alone.Nums()
	for _, uid := range t.asked {
		t.fetches = append(t.fetches, w.client.Fetch(goimap.UIDSetNum(uid), w.items()))
	}
	if rest := subtract(j.todo, alone); len(rest) > 0 && !j.scattered && !j.lone {
		t.fetches = append(t.fetches, w.client.Fetch(rest, w.items()))
	}
	j.askThere(w, j.todo)
}

// askThere asks which messages of a set there are; of all, where that has to be known.
func (j *folderJob) askThere(w *imapWorker, set goimap.UIDSet) {
	if j.askList(w); j.turn.mirror.list != nil {
		j.turn.search = j.turn.mirror.list
		return
	}
	j.turn.search = w.client.Search(byUID(set), imap.SearchOptions{})
}
