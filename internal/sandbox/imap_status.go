package sandbox

import (
	"slices"

	"github.com/emersion/go-imap/v2"
)

func (s *imapSession) Status(name string, options *imap.StatusOptions) (*imap.StatusData, error) {
	f, err := s.account.folder(name)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.statusLocked(options), nil
}

func (f *folder) statusLocked(options *imap.StatusOptions) *imap.StatusData {
	data := &imap.StatusData{Mailbox: f.name}
	number := uint32(len(f.entries))
	if options.NumMessages {
		data.NumMessages = &number
	}
	if options.UIDNext {
		data.UIDNext = f.next
	}
	if options.UIDValidity {
		data.UIDValidity = f.validity
	}
	if options.NumUnseen {
		unseen := number - f.countLocked(imap.FlagSeen)
		data.NumUnseen = &unseen
	}
	if options.NumDeleted {
		deleted := f.countLocked(imap.FlagDeleted)
		data.NumDeleted = &deleted
	}
	if options.NumRecent {
		data.NumRecent = new(uint32)
	}
	if options.Size {
		size := int64(0)
		for _, e := range f.entries {
			size += e.size
		}
		data.Size = &size
	}
	return data
}

// countLocked counts the letters with a flag.
func (f *folder) countLocked(flag imap.Flag) (n uint32) {
	for _, e := range f.entries {
		if e.has(flag) {
			n++
		}
	}
	return n
}

// flagsLocked is the flags that there are, and those that there always may be.
func (f *folder) flagsLocked() []imap.Flag {
	flags := []imap.Flag{imap.FlagAnswered, imap.FlagDeleted, imap.FlagDraft, imap.FlagFlagged, imap.FlagSeen}
	for _, e := range f.entries {
		for lower, flag := range e.flags {
			if !slices.ContainsFunc(flags, func(other imap.Flag) bool { return lowerFlag(other) == lower }) {
				flags = append(flags, flag)
			}
		}
	}
	slices.Sort(flags)
	return flags
}

// list is a folder's line in LIST, nil if the options leave it out.
func (f *folder) list(options *imap.ListOptions) *imap.ListData {
	f.mu.Lock()
	defer f.mu.Unlock()
	if options.SelectSubscribed && !f.subscribed || options.SelectSpecialUse && len(f.use) == 0 {
		return nil
	}
	data := &imap.ListData{Mailbox: f.name, Delim: separator, Attrs: slices.Clone(f.use)}
	if f.subscribed && (options.ReturnSubscribed || options.SelectSubscribed) {
		data.Attrs = append(data.Attrs, imap.MailboxAttrSubscribed)
	}
	if options.ReturnStatus != nil {
		data.Status = f.statusLocked(options.ReturnStatus)
	}
	return data
}
