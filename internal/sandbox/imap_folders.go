package sandbox

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// separator is between the names of a hierarchy.
const separator = '/'

// furnish gives an account the folders that clients look for (RFC 6154).
func (a *account) furnish() {
	for name, use := range map[string]imap.MailboxAttr{
		"Archive": imap.MailboxAttrArchive, "Drafts": imap.MailboxAttrDrafts, "Junk": imap.MailboxAttrJunk,
		"Sent": imap.MailboxAttrSent, "Trash": imap.MailboxAttrTrash,
	} {
		a.create(name, true, use) // an error says that it is there
	}
}

// create makes a folder.
func (a *account) create(name string, subscribed bool, use ...imap.MailboxAttr) (*folder, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name = canonicalFolder(name)
	if a.folders[name] != nil || name == "" {
		return nil, imapNo(imap.ResponseCodeAlreadyExists, "it exists")
	}
	a.all.mu.Lock()
	defer a.all.mu.Unlock()
	f := a.all.newFolder(name)
	f.subscribed, f.use = subscribed, use
	a.folders[name] = f
	return f, nil
}

// canonicalFolder is a folder's one name: INBOX is known in whatever case (RFC 9051 §5.1).
func canonicalFolder(name string) string {
	name = strings.TrimRight(name, string(separator))
	if strings.EqualFold(name, inbox) {
		return inbox
	}
	return name
}

func (a *account) folder(name string) (*folder, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f := a.folders[canonicalFolder(name)]; f != nil {
		return f, nil
	}
	return nil, imapNo(imap.ResponseCodeNonExistent, "no such folder")
}

// target is a folder that letters are to go to.
func (a *account) target(name string) (*folder, error) {
	f, err := a.folder(name)
	if err != nil {
		return nil, imapNo(imap.ResponseCodeTryCreate, "no such folder")
	}
	return f, nil
}

func (s *imapSession) Create(name string, options *imap.CreateOptions) error {
	_, err := s.account.create(name, false, options.SpecialUse...)
	return err
}

func (s *imapSession) Delete(name string) error {
	if _, err := s.account.folder(name); err != nil {
		return err
	}
	name = canonicalFolder(name)
	if name == inbox {
		return imapNo(imap.ResponseCodeCannot, "INBOX stays")
	}
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	delete(s.account.folders, name)
	return nil
}

// Rename moves a folder and those below it. INBOX itself stays, and is empty then (RFC 9051 §6.3.6).
func (s *imapSession) Rename(from, to string, _ *imap.RenameOptions) error {
	from, to = canonicalFolder(from), canonicalFolder(to)
	f, err := s.account.folder(from)
	if err != nil {
		return err
	}
	if from == inbox {
		dest, err := s.account.create(to, false)
		if err != nil {
			return err
		}
		for _, e := range f.snapshot() {
			dest.add(e.content, e.date, nil)
		}
		f.remove(func(*entry) bool { return true })
		return nil
	}
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	if s.account.folders[to] != nil || to == "" {
		return imapNo(imap.ResponseCodeAlreadyExists, "it exists")
	}
	for name, f := range s.account.folders {
		if rest, ok := strings.CutPrefix(name, from); ok && (rest == "" || rest[0] == separator) {
			delete(s.account.folders, name)
			f.rename(to + rest)
			s.account.folders[to+rest] = f
		}
	}
	return nil
}

func (f *folder) rename(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.name = name
}

func (s *imapSession) Subscribe(name string) error   { return s.subscribe(name, true) }
func (s *imapSession) Unsubscribe(name string) error { return s.subscribe(name, false) }

func (s *imapSession) subscribe(name string, subscribed bool) error {
	f, err := s.account.folder(name)
	if err == nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.subscribed = subscribed
	}
	return err
}

func (s *imapSession) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Delim: separator}}}, nil
}

func (s *imapSession) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 {
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: separator})
	}
	s.account.mu.Lock()
	var list []*imap.ListData
	for name, f := range s.account.folders {
		matches := func(pattern string) bool { return imapserver.MatchList(name, separator, ref, pattern) }
		if slices.ContainsFunc(patterns, matches) {
			if data := f.list(options); data != nil {
				if s.account.hasBelow(name) {
					data.Attrs = append(data.Attrs, imap.MailboxAttrHasChildren)
				} else {
					data.Attrs = append(data.Attrs, imap.MailboxAttrHasNoChildren)
				}
				list = append(list, data)
			}
		}
	}
	s.account.mu.Unlock()
	slices.SortFunc(list, func(a, b *imap.ListData) int { return strings.Compare(a.Mailbox, b.Mailbox) })
	for _, data := range list {
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
}

// hasBelow says whether a folder has folders below it. The lock is held.
func (a *account) hasBelow(name string) bool {
	for other := range a.folders {
		if strings.HasPrefix(other, name+string(separator)) {
			return true
		}
	}
	return false
}
