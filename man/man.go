// Package man holds posta's manual pages in mdoc, embedded.
package man

import (
	"embed"
	"io/fs"
)

//go:embed *.[1-9]
var pages embed.FS

// Names lists the pages' file names, sorted: "posta-send.1".
func Names() []string {
	names, err := fs.Glob(pages, "*")
	if err != nil {
		panic(err) // the pattern is constant
	}
	return names
}

// Page is the mdoc source of the page with that file name.
func Page(name string) ([]byte, error) { return pages.ReadFile(name) }
