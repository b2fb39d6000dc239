package main

import (
	"strings"

	"posta/fetch"
	"posta/fetch/store"
)

// where are the folders to fetch from, and where in the store their messages go. One folder's go into the store itself, and
// so do all where the store has no folders. Of several, INBOX's do, and the others' into folders of their names.
func (g *imapGet) where() ([]fetch.Folder, error) {
	if !g.opt.all && len(g.opt.folders) == 1 {
		return []fetch.Folder{{Name: g.opt.folders[0]}}, nil
	}
	pattern := ""
	if g.opt.all {
		pattern = "*"
	}
	list, err := g.client.List("", pattern, nil).Wait()
	if err != nil {
		return nil, err
	}
	delimiters, names := map[string]rune{}, g.opt.folders
	var common rune
	if g.opt.all {
		names = nil
	}
	for _, data := range list {
		delimiters[data.Mailbox], common = data.Delim, data.Delim
		if g.opt.all && selectable(data.Attrs) {
			names = append(names, data.Mailbox)
		}
	}
	var folders []fetch.Folder
	seen := map[string]bool{}
	for _, name := range names {
		delim, listed := delimiters[name]
		if !listed {
			delim = common
		}
		if isInbox(name) {
			name = "INBOX"
		}
		if !seen[name] {
			seen[name] = true
			folders = append(folders, fetch.Folder{Name: name, Path: g.path(name, delim)})
		}
	}
	return folders, nil
}

// isInbox: RFC 9051 §5.1, the name INBOX is the same in capitals and small letters.
func isInbox(name string) bool { return strings.EqualFold(name, "INBOX") }

// path is a folder's in the store.
func (g *imapGet) path(name string, delim rune) []string {
	switch {
	case g.opt.kind != store.KindMaildir && g.opt.kind != store.KindDir, isInbox(name):
		return nil
	case delim == 0:
		return []string{name}
	}
	return strings.Split(name, string(delim))
}
