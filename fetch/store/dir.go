package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Dir is a directory with a file NAME.eml for each message, and directories for folders.
type Dir struct {
	dir     string
	files   *files
	folders *folders
	n       int
	taken   map[string]bool // names that are promised, and not yet given
}

// OpenDir opens a directory, and makes it where it is missing.
func OpenDir(dir string, opt Options) (*Dir, error) {
	d := &Dir{dir: dir, files: newFiles(opt), folders: newFolders(dir), taken: map[string]bool{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, writeError(err)
	}
	sweep(dir, tempPrefix)
	return d, nil
}

// Put takes a message. See Store.
func (d *Dir) Put(_ context.Context, m *Message) (*Receipt, error) {
	folder, err := d.folder(m.Folder)
	if err != nil {
		return nil, writeError(err)
	}
	d.n++
	r := &Receipt{}
	temp := fmt.Sprintf("%s%d.%s-%d", tempPrefix, d.files.opt.now().Unix(), d.files.unique, d.n)
	draft, err := d.files.read(filepath.Join(d.dir, folder), temp, m, r)
	if err != nil {
		return nil, err
	}
	place, err := d.place(folder, m.Name) // a reader may know the name at its end only
	if err != nil {
		draft.abandon()
		return nil, writeError(err)
	}
	r.Place, r.Path = filepath.ToSlash(place), filepath.Join(d.dir, place)
	d.taken[place] = true
	d.files.add(draft, r)
	return r, nil
}

// place is a name that is free.
func (d *Dir) place(folder, name string) (string, error) {
	base := fileName(name)
	if base == "" {
		base = fmt.Sprintf("%06d", d.n)
	}
	for i := 1; ; i++ {
		place := filepath.Join(folder, base+".eml")
		if i > 1 {
			place = filepath.Join(folder, fmt.Sprintf("%s~%d.eml", base, i))
		}
		there, err := exists(filepath.Join(d.dir, place))
		if err != nil {
			return "", err
		}
		if !there && !d.taken[place] {
			return place, nil
		}
	}
}

// maxBase leaves room for what comes behind the name.
const maxBase = 120

// fileName makes what a server calls a message safe: letters, digits and a few signs stay, others become "_". It does not
// begin with a dot or a minus.
func fileName(name string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_.+=@", r):
			return r
		}
		return '_'
	}, name[:min(len(name), maxBase)])
	return strings.TrimLeft(safe, ".-")
}

func (d *Dir) folder(path []string) (string, error) {
	if len(path) == 0 {
		return "", nil
	}
	return d.folders.find(path, dirFolder, func(dir string) error {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		sweep(dir, tempPrefix)
		for above := dir; above != filepath.Clean(d.dir) && above != filepath.Dir(above); {
			above = filepath.Dir(above)
			d.files.made = append(d.files.made, above)
		}
		return nil
	})
}

// Flush makes all durable. See Store.
func (d *Dir) Flush(ctx context.Context) error {
	err := d.files.flush(ctx)
	if err == nil {
		clear(d.taken)
	}
	return err
}

// Holds looks for the file. See Store.
func (d *Dir) Holds(place string) (bool, error) {
	if place == "" || !filepath.IsLocal(filepath.FromSlash(place)) {
		return false, nil
	}
	return exists(filepath.Join(d.dir, filepath.FromSlash(place)))
}

// Close flushes. See Store.
func (d *Dir) Close() error {
	return d.files.close()
}
