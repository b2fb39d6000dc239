package arch

import (
	"slices"
	"strings"
	"testing"
)

// mayImport is the table of imports: a package of posta → the packages of posta that it may import.
// cmd/posta may import everything.
var mayImport = map[string][]string{
	"bench":               nil,
	"man":                 nil,
	"internal/arch":       nil,
	"internal/atomicfile": nil,
	"internal/sasl":       nil,
	"internal/transcript": nil,
	"internal/dialer":     {"internal/transcript"},
	"internal/account":    {"internal/dialer"},
	"internal/realserver": nil, // for tests alone
	"internal/sandbox":    {"mimetool/stream", "fetch/store"},
	"mimetool":            nil,
	"mimetool/stream":     {"mimetool"},
	"mxlookup":            nil,
	"mxlookup/dane":       {"mxlookup"},
	"mxlookup/mtasts":     {"mxlookup"},
	"mxlookup/mailflow":   {"mxlookup", "mxlookup/dane", "mxlookup/mtasts", "sendmail", "mimetool", "internal/dialer"},
	"sendmail":            {"internal/dialer", "internal/sasl"},
	"sendmail/argv":       nil,
	"sendmail/dkim":       nil,
	"sendmail/queue":      {"sendmail", "internal/atomicfile"},
	"sendmail/direct":     {"sendmail", "mxlookup", "mxlookup/dane", "mxlookup/mtasts"},
	"fetch/pop3":          {"internal/dialer", "internal/sasl"},
	"fetch/imap":          {"internal/dialer", "internal/sasl"},
	"fetch/query":         nil,
	"fetch/store":         {"mimetool/stream", "internal/atomicfile"},
	"fetch":               {"fetch/pop3", "fetch/imap", "fetch/store", "fetch/query", "internal/atomicfile"},
}

func TestImports(t *testing.T) {
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f.path, "_test.go") {
			continue // a test may also import the sandbox, real servers, and what it compares with
		}
		if slices.Contains(f.imports(), "posta/internal/realserver") {
			t.Errorf("%s: internal/realserver is for tests", f.path)
		}
		if f.dir == "cmd/posta" {
			continue
		}
		allowed, known := mayImport[f.dir]
		if !known {
			t.Errorf("%s: package %s is not in the table of imports", f.path, f.dir)
			continue
		}
		for _, path := range f.imports() {
			local, ours := strings.CutPrefix(path, "posta/")
			switch {
			case ours && !slices.Contains(allowed, local):
				t.Errorf("%s: %s may not import %s", f.path, f.dir, local)
			case strings.HasPrefix(path, "github.com/urfave/cli"):
				t.Errorf("%s: cmd/posta alone imports urfave/cli", f.path)
			}
		}
	}
}
