package main

import (
	"iter"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
	"posta/mimetool"
)

func newIMAPAttachmentsCommand(e *env) *cli.Command {
	own := append(foldersFlags(), unpackFlags()...)
	return &cli.Command{
		Name:      "attachments",
		Usage:     "fetch the parts of messages that are attachments, and unpack them",
		ArgsUsage: "[UID...|QUERY...]",
		Flags:     imapFlags(append(own, nulFlag())...),
		Action:    func(c *cli.Context) error { return runIMAPAttachments(c, e) },
	}
}

func runIMAPAttachments(c *cli.Context, e *env) error {
	opt, err := readMimeUnpackOptions(c)
	if err != nil {
		return err
	}
	r, err := newIMAPReading(c, e)
	if err != nil {
		return err
	}
	r.empty = exitNegative // no attachment is an answer
	return r.run(e, func() error {
		found, err := r.where()
		if err != nil {
			return err
		}
		a := &attachmentJob{imapReading: r, unpacking: &unpacking{env: e, opt: opt}}
		if err := a.unpacking.open(); err != nil {
			return err
		}
		defer a.unpacking.close()
		for _, f := range found {
			if err := a.folder(f); err != nil {
				return err
			}
		}
		if a.broken+a.unpacking.failed+a.unpacking.guessed > 0 {
			return silent(exitPartial)
		}
		return nil
	})
}

// where finds the messages. A few UIDs that are named need not be searched for, which saves a turn.
func (r *imapReading) where() (found []foundIn, err error) {
	count := uint64(0)
	for _, uids := range r.sel.uids {
		if uids.Start == 0 || uids.Stop < uids.Start { // "*" is for the server to say
			return r.find(imapOrder{})
		}
		count += uint64(uids.Stop-uids.Start) + 1
	}
	if count == 0 || count > attachmentWindow {
		return r.find(imapOrder{})
	}
	for _, folder := range r.folders {
		found = append(found, foundIn{folder, uidOrder{set: r.sel.uids}})
	}
	return found, nil
}

// attachmentJob fetches and unpacks. Commands in flight may get each other's messages (RFC 9051 §5.5): what a message
// brings says what becomes of it, and not the command that it comes with.
type attachmentJob struct {
	*imapReading
	unpacking *unpacking
	asked     map[goimap.UID]bool         // whose structures are under way
	next      []attachmentPlan            // by the structures that came
	numbers   map[uint32]goimap.UID       // by message number: some servers tell the UID last
	wanted    map[goimap.UID][]wantedPart // parts that are under way
	broken    int                         // messages
	walker    *mimetool.Walker            // for what structures say
}

// attachmentWindow is how many messages are looked at at a time.
const attachmentWindow = 250

// folder does it for what was found in one: the structures of the next messages are under way while the parts of these
// come.
func (a *attachmentJob) folder(f foundIn) error {
	next, stop := iter.Pull(f.uids.windows(attachmentWindow))
	defer stop()
	a.unpacking.place = &imapPlace{Folder: f.folder}
	structures := a.askStructures(f.folder, next)
	for structures != nil {
		if ok, err := a.ready(*structures); !ok {
			return err
		}
		if err := a.read(structures.fetch); err != nil {
			return err
		}
		fetches := a.askParts()
		structures = a.askStructures(f.folder, next)
		for _, fetch := range fetches {
			if err := a.read(fetch); err != nil {
				return err
			}
		}
	}
	return nil
}

// askStructures asks for the structures of the next messages; nil: there are no more.
func (a *attachmentJob) askStructures(folder string, next func() ([]goimap.UID, bool)) *letterStream {
	uids, ok := next()
	if !ok {
		return nil
	}
	selected := a.open(folder)
	a.asked = make(map[goimap.UID]bool, len(uids))
	for _, uid := range uids {
		a.asked[uid] = true
	}
	var opt imap.FetchOptions
	opt.BodyStructure = &goimap.FetchItemBodyStructure{Extended: true}
	return &letterStream{folder: folder, selected: selected, fetch: a.client.Fetch(goimap.UIDSetNum(uids...), opt)}
}

// askParts asks for what is planned. Messages behind each other of which the same parts are wanted share a command.
func (a *attachmentJob) askParts() (fetches []*imap.Fetch) {
	plans := a.next
	a.next, a.wanted, a.numbers = nil, make(map[goimap.UID][]wantedPart, len(plans)), make(map[uint32]goimap.UID, len(plans))
	for i := 0; i < len(plans); {
		first, set := plans[i], goimap.UIDSet{}
		for ; i < len(plans) && plans[i].sections == first.sections; i++ {
			set.AddNum(plans[i].uid)
			a.wanted[plans[i].uid], a.numbers[plans[i].seq] = plans[i].parts, plans[i].uid
		}
		fetches = append(fetches, a.client.Fetch(set, a.askPart(first)))
	}
	return fetches
}

// askPart asks for headers and contents: the header first, since what the content is stands there.
func (a *attachmentJob) askPart(plan attachmentPlan) (opt imap.FetchOptions) {
	add := func(s *goimap.FetchItemBodySection) { opt.BodySection = append(opt.BodySection, s) }
	for _, p := range plan.parts {
		if p.number == "" {
			add(&goimap.FetchItemBodySection{Peek: true})
			continue
		}
		add(p.section)
		if !a.unpacking.opt.unpack.DryRun {
			add(&goimap.FetchItemBodySection{Part: partPath(p.number), Peek: true})
		}
	}
	return opt
}
