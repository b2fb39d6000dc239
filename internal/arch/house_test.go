package arch

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// streams are the process's own; everything but main.go is handed what it reads and writes.
var streams = []string{"Stdin", "Stdout", "Stderr", "Exit", "Args"}

func TestStreamsAreHandedIn(t *testing.T) {
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f.path, "_test.go") || f.path == "cmd/posta/main.go" {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "os" && slices.Contains(streams, sel.Sel.Name) {
				t.Errorf("%s: os.%s belongs to cmd/posta/main.go", f.position(n), sel.Sel.Name)
			}
			return true
		})
		for _, path := range f.imports() {
			if path == "log" || path == "log/slog" {
				t.Errorf("%s imports %s: what is said goes through what the caller handed in", f.path, path)
			}
		}
	}
}

// TestNoInit: whatever runs before main slows every start.
func TestNoInit(t *testing.T) {
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for _, d := range f.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					t.Errorf("%s: no init functions", f.position(d))
				}
			case *ast.GenDecl:
				if call := compiledAtStart(d); call != nil {
					t.Errorf("%s: a regular expression is compiled before main; use sync.OnceValue", f.position(call))
				}
			}
		}
	}
}

// compiledAtStart finds regexp.MustCompile in a package-level declaration, outside a function literal.
func compiledAtStart(d *ast.GenDecl) (found ast.Node) {
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); ok && pkg.Name == "regexp" && strings.HasPrefix(n.Sel.Name, "MustCompile") {
				found = n
			}
		}
		return found == nil
	})
	return found
}
