package main

import (
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

func newIMAPFlagCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "flag",
		Usage:     "set and clear flags of messages",
		ArgsUsage: "+FLAG|-FLAG|=FLAG... UID...|QUERY...",
		Flags:     changeFlags(),
		Action:    func(c *cli.Context) error { return runIMAPFlag(c, e) },
	}
}

// flagChange is what is to become of flags: some are set and some cleared, or exactly these are set.
type flagChange struct {
	add, remove, set []goimap.Flag
	exactly          bool
}

func runIMAPFlag(c *cli.Context, e *env) error {
	change, rest, err := readFlagChange(c.Args().Slice())
	if err != nil {
		return err
	}
	return runIMAPChange(c, e, rest, func(ch *imapChange) error { return ch.flag(change) })
}

// readFlagChange reads the words that begin with a sign; the first other one begins the selection.
func readFlagChange(args []string) (change flagChange, rest []string, err error) {
	for len(args) > 0 && args[0] != "" && strings.Contains("+-=", args[0][:1]) {
		flags, err := parseFlags(args[0][1:])
		switch sign := args[0][0]; {
		case err != nil:
			return change, nil, err
		case sign == '=':
			change.set, change.exactly = append(change.set, flags...), true
		case len(flags) == 0:
			return change, nil, usageError("imap flag: %q names no flag", args[0])
		case sign == '+':
			change.add = append(change.add, flags...)
		default:
			change.remove = append(change.remove, flags...)
		}
		args = args[1:]
	}
	signed := len(change.add)+len(change.remove) > 0
	if change.exactly == signed {
		return change, nil, usageError("imap flag: needs +FLAG and -FLAG, or =FLAG alone, before the messages")
	}
	return change, args, nil
}

// parseFlags reads names of flags with commas between: those of RFC 9051 §2.3.2 without their backslash, or keywords.
func parseFlags(list string) (flags []goimap.Flag, err error) {
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		flag := goimap.Flag(name)
		switch lower := strings.ToLower(strings.TrimPrefix(name, `\`)); lower {
		case "seen", "answered", "flagged", "deleted", "draft":
			flag = goimap.Flag(`\` + strings.ToUpper(lower[:1]) + lower[1:])
		default:
			if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`(){%*"\]`, r) }) {
				return nil, usageError("%q is no flag: seen, answered, flagged, deleted, draft, or a keyword", name)
			}
		}
		flags = append(flags, flag)
	}
	return flags, nil
}

func (ch *imapChange) flag(change flagChange) error {
	if err := ch.locate(false); err != nil {
		return err
	}
	done := imapDone{Event: "flagged", Add: flagWords(change.add), Remove: flagWords(change.remove)}
	if change.exactly {
		done.Set = flagWords(change.set)
	}
	if ch.c.Bool("n") {
		return ch.would("flag", done, change.String())
	}
	if err := ch.keeps(append(slices.Clone(change.add), change.set...)); err != nil {
		return err
	}
	failed, err := ch.store(change)
	if err != nil {
		return err
	}
	if len(failed) == 0 {
		return ch.did(done, ch.uids, nil)
	}
	ch.env.warn("the server has not changed the flags of %s: is it allowed?", failed)
	if count(failed) == count(ch.uids) {
		return silent(exitUnavailable)
	}
	return ch.did(done, without(ch.uids, failed), failed)
}

// String is the change as it is given.
func (f flagChange) String() string {
	var words []string
	for _, part := range []struct {
		sign  string
		flags []goimap.Flag
		on    bool
	}{{"+", f.add, len(f.add) > 0}, {"-", f.remove, len(f.remove) > 0}, {"=", f.set, f.exactly}} {
		if part.on {
			words = append(words, part.sign+strings.Join(flagWords(part.flags), ","))
		}
	}
	return strings.Join(words, " ")
}

// keeps fails if the folder would forget flags at the end of the session (RFC 9051 §7.1, PERMANENTFLAGS).
func (ch *imapChange) keeps(flags []goimap.Flag) error {
	known := ch.box.PermanentFlags
	if len(known) == 0 || slices.Contains(known, goimap.FlagWildcard) {
		return nil
	}
	for _, flag := range flags {
		if !slices.ContainsFunc(known, func(k goimap.Flag) bool { return strings.EqualFold(string(k), string(flag)) }) {
			return fail(exitUnavailable, "%s does not keep the flag %s", ch.folder, string(flag))
		}
	}
	return nil
}

// store changes the flags, and finds in the same turn the messages whose flags are not as they should be then: a server
// may leave out what the user has no right to and say OK (RFC 4314 §4).
func (ch *imapChange) store(change flagChange) (failed goimap.UIDSet, err error) {
	var stores []*imap.Pending[imap.Stored]
	for _, op := range []struct {
		op    goimap.StoreFlagsOp
		flags []goimap.Flag
		on    bool
	}{
		{goimap.StoreFlagsSet, change.set, change.exactly},
		{goimap.StoreFlagsAdd, change.add, len(change.add) > 0},
		{goimap.StoreFlagsDel, change.remove, len(change.remove) > 0},
	} {
		if op.on {
			stores = append(stores, ch.client.Store(ch.uids, goimap.StoreFlags{Op: op.op, Silent: true, Flags: op.flags}, imap.StoreOptions{}))
		}
	}
	wanted := goimap.SearchCriteria{Flag: append(slices.Clone(change.add), change.set...), NotFlag: change.remove}
	others := ch.search(ch.uids, goimap.SearchCriteria{Not: []goimap.SearchCriteria{wanted}})
	if len(wanted.Flag)+len(wanted.NotFlag) == 0 { // all are cleared
		others = nil
	}
	for _, s := range stores {
		if _, storeErr := s.Wait(); err == nil {
			err = storeErr
		}
	}
	failed, searchErr := union(others)
	if searchErr != nil && !ch.client.Broken() { // a server that cannot search for keywords has done it all the same
		failed, searchErr = nil, nil
	}
	return failed, firstError(err, searchErr)
}

// search finds those of the messages that meet criteria.
func (ch *imapChange) search(uids goimap.UIDSet, criteria goimap.SearchCriteria) (searches []*imap.Pending[imap.Found]) {
	for part := range slices.Chunk(uids, maxSearchRanges) {
		criteria.UID = []goimap.UIDSet{part}
		own := criteria
		searches = append(searches, ch.client.Search(imap.Criteria(&own), imap.SearchOptions{}))
	}
	return searches
}
