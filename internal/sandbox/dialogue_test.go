package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDialogues goes through what programs that people read mail with say to a server, as testdata/dialogue has it. A line
// there that begins with ">" is said; one that begins with "<" is a regular expression for a line to come: others before
// it are passed over, but for those that end a command otherwise.
func TestDialogues(t *testing.T) {
	scripts, err := filepath.Glob("testdata/dialogue/*")
	if err != nil || len(scripts) == 0 {
		t.Fatal(scripts, err)
	}
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) {
			script, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sb := start(t, Options{})
			for i := range 3 {
				letter := fmt.Sprintf("From: ann@example.org\r\nDate: Fri, 2 Jan 2026 03:04:05 +0100\r\nSubject: letter %d\r\nMessage-ID: <%d@x>\r\n\r\n.dot %[1]d\r\nbody\r\n", i+1, i+1)
				if err := sendMail(sb, "bob@example.org", letter); err != nil {
					t.Fatal(err)
				}
			}
			service := strings.TrimPrefix(filepath.Ext(path), ".")
			d := &dialogue{dialRaw(t, sb.Addr(service)), service}
			for _, line := range strings.Split(strings.TrimSuffix(string(script), "\n"), "\n") {
				d.step(t, line)
			}
		})
	}
}

type dialogue struct {
	*rawClient
	service string
}

func (d *dialogue) step(t *testing.T, line string) {
	switch {
	case strings.HasPrefix(line, "> "):
		d.write(line[2:] + "\r\n")
	case strings.HasPrefix(line, "< "):
		d.expect(t, line[2:])
	case !strings.HasPrefix(line, "#"):
		t.Fatalf("what is %q?", line)
	}
}

// expect reads up to a line that fits.
func (d *dialogue) expect(t *testing.T, pattern string) {
	fits := regexp.MustCompile("^(?:" + pattern + ")")
	for {
		line, err := d.r.ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		switch {
		case err != nil:
			t.Fatalf("waiting for %q: %v", pattern, err)
		case fits.MatchString(line):
			return
		case d.ends(line):
			t.Fatalf("read %q, want %q", line, pattern)
		}
	}
}

// ends says whether a line ends a command.
func (d *dialogue) ends(line string) bool {
	if d.service == "pop3" {
		return strings.HasPrefix(line, "-ERR") || line == "."
	}
	word, _, _ := strings.Cut(line, " ")
	return regexp.MustCompile(`^[A-Z]*[0-9]+$`).MatchString(word) && !strings.HasPrefix(line, "*")
}
