package main

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"posta/internal/realserver"
	"posta/man"
)

// TestManPagesAreTrue: every command and flag of the program is in its page, and every flag of a page exists. The page
// of "posta mime unpack" is posta-mime.1; a flag of many commands may be explained in posta.1 alone.
func TestManPagesAreTrue(t *testing.T) {
	e, _, _ := testEnv("")
	general := readPage(t, "posta.1")
	everywhere := map[string]bool{"--help": true, "--version": true}
	for _, cmd := range newApp(e, nil).Commands {
		name := "posta-" + cmd.Name + ".1"
		page, flags := general, map[string]bool{"--help": true}
		if slices.Contains(man.Names(), name) {
			page = readPage(t, name)
		} else if len(cmd.Flags)+len(cmd.Subcommands) > 0 {
			t.Errorf("posta %s has no page %s", cmd.Name, name)
			continue
		}
		if !strings.Contains(general.text, cmd.Name) {
			t.Errorf("posta.1 does not name posta %s", cmd.Name)
		}
		checkCommand(t, page, general, "", cmd, flags)
		for f := range flags {
			everywhere[f] = true
		}
		if page == general {
			continue
		}
		for f := range page.flags {
			if !flags[f] {
				t.Errorf("%s explains %s, which posta %s does not have", name, f, cmd.Name)
			}
		}
	}
	for f := range general.flags {
		if !everywhere[f] {
			t.Errorf("posta.1 explains %s, which no command has", f)
		}
	}
}

// checkCommand looks for cmd, its flags and its subcommands in page, and collects the flags.
func checkCommand(t *testing.T, page, general *manPage, parent string, cmd *cli.Command, flags map[string]bool) {
	t.Helper()
	path := strings.TrimPrefix(parent+" "+cmd.Name, " ")
	if !regexp.MustCompile(`(?m)^\.(Nm|Ss|Cm|It Cm|It Nm|Nm posta|Ss posta)\b.*\b` + regexp.QuoteMeta(cmd.Name) + `\b`).MatchString(page.text) {
		t.Errorf("%s does not name posta %s in a .Nm, .Ss or .Cm line", page.name, path)
	}
	for _, f := range cmd.Flags {
		hidden := false
		if v, ok := f.(cli.VisibleFlag); ok {
			hidden = !v.IsVisible()
		}
		for _, n := range f.Names() {
			flags[dashed(n)] = true
			if !hidden && !page.flags[dashed(n)] && !general.flags[dashed(n)] {
				t.Errorf("%s does not explain %s of posta %s", page.name, dashed(n), path)
			}
		}
	}
	for _, sub := range cmd.Subcommands {
		if !sub.Hidden {
			checkCommand(t, page, general, path, sub, flags)
		}
	}
}

type manPage struct {
	name, text string
	flags      map[string]bool // of the .It lines: those that the page explains
}

func readPage(t *testing.T, name string) *manPage {
	t.Helper()
	text, err := man.Page(name)
	if err != nil {
		t.Fatal(err)
	}
	page := &manPage{name: name, text: string(text), flags: map[string]bool{}}
	for line := range strings.Lines(page.text) {
		if !strings.HasPrefix(line, ".It Fl ") {
			continue
		}
		fields := strings.Fields(line)[1:]
		for i, f := range fields[:len(fields)-1] {
			if f == "Fl" || f == "," && strings.HasPrefix(line, ".It Fl") && i > 0 {
				if next := fields[i+1]; next != "Fl" && next != "Ar" {
					page.flags["-"+next] = true
				}
			}
		}
	}
	return page
}

// TestManPagesHaveTheirSections: a user looks for these.
func TestManPagesHaveTheirSections(t *testing.T) {
	for _, name := range man.Names() {
		page := readPage(t, name)
		want := []string{"NAME", "DESCRIPTION", "SEE ALSO"}
		if strings.HasSuffix(name, ".1") {
			want = append(want, "SYNOPSIS", "EXIT STATUS", "EXAMPLES")
		}
		for _, section := range want {
			if !strings.Contains(page.text, "\n.Sh "+section+"\n") {
				t.Errorf("%s has no section %s", name, section)
			}
		}
	}
}

// TestManPagesLint runs mandoc's own checks.
func TestManPagesLint(t *testing.T) {
	mandoc := realserver.Find(t, "mandoc")
	for _, name := range man.Names() {
		out, err := exec.Command(mandoc, "-Tlint", "-Wwarning", "../../man/"+name).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
