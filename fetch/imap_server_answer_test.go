package fetch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// mark changes a message's flags.
func (b *testBox) mark(uid uint32, flags string) {
	b.flags[uid] = flags
	if b.highest > 0 {
		b.highest++
		b.modSeq[uid] = b.highest
	}
}

// done says how a command ended, at once or with the others.
func (x *session) done(format, tag string) {
	if x.s.sideBySide {
		x.later = fmt.Sprintf(format+"\r\n", tag) + x.later
		return
	}
	x.say(format, tag)
}

// flags are those of messages that changed since.
func (x *session) fetchFlags(tag, set, items string) {
	if x.box.noFlags != "" {
		x.say("%s %s", tag, x.box.noFlags)
		return
	}
	var since uint64
	if _, text, ok := strings.Cut(items, "CHANGEDSINCE "); ok {
		fmt.Sscan(strings.Trim(text, ")"), &since)
		if x.box.noSince != "" {
			x.say("%s %s", tag, x.box.noSince)
			return
		}
	}
	for _, uid := range x.asked(set) {
		x.w.WriteString(x.box.extra[uid])
		if m := x.box.modSeq[uid]; !x.box.omit[uid] && (since == 0 || m > since) {
			x.say("* 1 FETCH (UID %d FLAGS (%s) MODSEQ (%d))", uid, x.box.flags[uid], m)
		}
	}
	x.done("%s OK fetched", tag)
}

// asked are the UIDs of a set that are there.
func (x *session) asked(set string) (list []uint32) {
	wanted, _ := parseUIDSet(set)
	for _, uid := range x.box.uids {
		if wanted.Contains(goimap.UID(uid)) {
			list = append(list, uid)
		}
	}
	return list
}

func (x *session) search(tag, args string) {
	words := strings.Fields(strings.TrimPrefix(args, "RETURN (ALL) "))
	list := x.box.uids
	for i, word := range words {
		switch word {
		case "UID":
			list = x.asked(words[i+1])
		case "LARGER":
			limit, _ := strconv.Atoi(words[i+1])
			larger := func(uid uint32) bool { return len(x.box.text[uid]) > limit }
			if i > 0 && words[i-1] == "NOT" {
				list = slices.DeleteFunc(slices.Clone(list), larger)
			} else {
				list = slices.DeleteFunc(slices.Clone(list), func(uid uint32) bool { return !larger(uid) })
			}
		}
	}
	var set goimap.UIDSet
	for _, uid := range list {
		if !x.box.hidden[uid] {
			set.AddNum(goimap.UID(uid))
		}
	}
	if x.box.noSearch != "" {
		x.say("%s %s", tag, x.box.noSearch)
		return
	}
	if len(set) > 0 {
		x.say("* ESEARCH (TAG %q) UID ALL %s", tag, set.String())
	}
	x.done("%s OK found", tag)
}
