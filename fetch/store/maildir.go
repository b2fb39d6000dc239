package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Maildir is a Maildir with Maildir++ folders (".A.B" beside cur, new and tmp).
//
// A message is written to tmp. One without flags comes to new, where mail programs look for what is new, one with flags
// to cur. Its name does not change from tmp on, but for the tag and the flags.
type Maildir struct {
	dir     string
	files   *files
	host    string
	n       int
	folders *folders
	cur     map[string]map[string]bool // see current
}

// OpenMaildir opens a Maildir, and makes it where it is missing. What was made is durable with the first message, or by Flush: who
// opens a Maildir more than once at a time calls Flush before the others are used.
func OpenMaildir(dir string, opt Options) (*Maildir, error) {
	m := &Maildir{dir: dir, files: newFiles(opt), host: hostName(), folders: newFolders(dir)}
	made, err := makeMaildir(dir)
	if err != nil {
		return nil, writeError(err)
	}
	if made {
		m.files.made = append(m.files.made, dir, filepath.Dir(dir))
	}
	sweep(filepath.Join(dir, "tmp"), "")
	return m, nil
}

// hostName is this machine's for file names: cr.yp.to says / and : as \057 and \072.
func hostName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "localhost"
	}
	return strings.NewReplacer("/", `\057`, ":", `\072`, ",", `\054`).Replace(name)
}

// makeMaildir makes the three folders where they are missing. Made says that they were: dir and the one that it is in have to be
// synced.
func makeMaildir(dir string) (made bool, err error) {
	if there, err := exists(filepath.Join(dir, "cur")); there || err != nil {
		return false, err
	}
	for _, sub := range []string{"tmp", "new", "cur"} { // cur last: who sees it sees all
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Put takes a message. See Store.
func (m *Maildir) Put(_ context.Context, msg *Message) (*Receipt, error) {
	m.cur = nil // it will be another
	folder, err := m.folder(msg.Folder)
	if err != nil {
		return nil, writeError(err)
	}
	base := m.name()
	r := &Receipt{}
	draft, err := m.files.read(filepath.Join(m.dir, folder, "tmp"), base, msg, r)
	if err != nil {
		return nil, err
	}
	base += msg.Tag.text() // a reader may know it at its end only, and the flags
	r.Place = filepath.ToSlash(filepath.Join(folder, base))
	sub, flags := "new", ""
	if msg.Flags != 0 {
		sub, flags = "cur", ":2,"+msg.Flags.Letters()
	}
	r.Path = filepath.Join(m.dir, folder, sub, base+flags)
	m.files.add(draft, r)
	return r, nil
}

// name is one that no other delivery makes.
func (m *Maildir) name() string {
	m.n++
	now := m.files.opt.now()
	return fmt.Sprintf("%d.M%06dP%dQ%d_%s.%s", now.Unix(), now.Nanosecond()/1000, os.Getpid(), m.n, m.files.unique, m.host)
}

// folder is the name of the folder below the Maildir; it makes the folder.
func (m *Maildir) folder(path []string) (string, error) {
	if len(path) == 0 {
		return "", nil
	}
	return m.folders.find(path, maildirFolder, func(dir string) error {
		if _, err := makeMaildir(dir); err != nil {
			return err
		}
		sweep(filepath.Join(dir, "tmp"), "")
		m.files.made = append(m.files.made, dir, m.dir)
		f, err := os.OpenFile(filepath.Join(dir, "maildirfolder"), os.O_CREATE|os.O_WRONLY, 0o600) // Maildir++'s mark
		if err != nil {
			return err
		}
		return f.Close()
	})
}

// Flush makes all durable. See Store.
func (m *Maildir) Flush(ctx context.Context) error { return m.files.flush(ctx) }

// Holds looks for a message of that name in new, and in cur with any flags: somebody may have read it meanwhile.
func (m *Maildir) Holds(place string) (bool, error) {
	folder, base := filepath.Split(filepath.FromSlash(place))
	if base == "" || !filepath.IsLocal(filepath.FromSlash(place)) {
		return false, nil
	}
	if ok, err := exists(filepath.Join(m.dir, folder, "new", base)); ok || err != nil {
		return ok, err
	}
	names, err := m.current(folder)
	return names[base], err
}

// current is the names in a folder's cur, without flags. They are read once, as Holds is asked for many.
func (m *Maildir) current(folder string) (map[string]bool, error) {
	if names := m.cur[folder]; names != nil {
		return names, nil
	}
	entries, err := os.ReadDir(filepath.Join(m.dir, folder, "cur"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	names := make(map[string]bool, len(entries))
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ":")
		names[name] = true
	}
	if m.cur == nil {
		m.cur = map[string]map[string]bool{}
	}
	m.cur[folder] = names
	return names, nil
}

// Close flushes. See Store.
func (m *Maildir) Close() error {
	return m.files.close()
}
