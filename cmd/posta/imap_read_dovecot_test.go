package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// moreOfDovecot is what the sandbox has not: quotas, rights, folders with a use.
const moreOfDovecot = `
mail_plugins = quota acl
protocol imap {
  mail_plugins = quota acl imap_quota imap_acl
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=10M
  acl = vfile
}
`

// imapRun is a run of posta imap as a user, whose exit status must be want.
func (d *dovecot) imapRun(t testing.TB, want int, name string, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.Command("posta", append([]string{"imap"}, args...)...)
	cmd.Env = append(os.Environ(), "POSTA_PASSWORD=secret", "POSTA_CONFIG=/dev/null")
	cmd.Args = append(cmd.Args, "-a", "imap://"+name+"@"+d.imap)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Fatalf("posta imap %q: status %d, want %d: %s", args, got, want, errs.String())
	}
	return out.String(), errs.String()
}

// put puts letters into a user's INBOX.
func (d *dovecot) put(t testing.TB, name string, letters ...string) {
	t.Helper()
	d.fill(t, name, 0)
	for i, text := range letters {
		path := fmt.Sprintf("%s/mail/%s/new/%d.%d.host", d.dir, name, 1000000000+i, i)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		d.own(t, path)
	}
}

// column is a column of lines.
func column(lines string, n int) (fields []string) {
	for line := range strings.Lines(lines) {
		fields = append(fields, strings.Split(strings.TrimSuffix(line, "\n"), "\t")[n])
	}
	return fields
}

// TestIMAPListDovecot: Dovecot answers commands in flight beside each other when there is much to send, and sorts.
func TestIMAPListDovecot(t *testing.T) {
	d := startDovecot(t)
	const n = 3000
	var letters []string
	for i := range n {
		letters = append(letters, fmt.Sprintf("From: =?utf-8?q?J=C3=BCrgen?= <j%d@example.org>\nSubject: %05d %s\nDate: Fri, 2 Jan 2026 %02d:%02d:00 +0000\n\nx\n",
			i, i*7919%n, strings.Repeat("x", 200), i/60%24, i%60))
	}
	d.put(t, "ops", letters...)
	var want []string
	for i := range n {
		want = append(want, fmt.Sprint(i+1))
	}
	out, _ := d.imapRun(t, 0, "ops", "list")
	if got := column(out, 0); !slices.Equal(got, want) {
		t.Errorf("list has %d lines, want %d", len(got), len(want))
	}
	if !strings.HasPrefix(out, "1\t") || !strings.Contains(out, "\tJürgen <j0@example.org>\t2026-01-02T00:00:00Z\t00000 xxx") {
		t.Errorf("list begins with %.200s", out)
	}
	out, _ = d.imapRun(t, 0, "ops", "list", "--reverse")
	got := column(out, 0)
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		t.Errorf("list --reverse has %d lines, want %d in their order", len(got), len(want))
	}
	out, log := d.imapRun(t, 0, "ops", "list", "--debug", "subject", "00001", "or", "uid", "2900:*")
	if strings.Count(out, "\n") != 102 || !strings.Contains(log, "UID FETCH $ ") {
		t.Errorf("list with a query prints %d lines, want 102", strings.Count(out, "\n"))
	}
	out, log = d.imapRun(t, 0, "ops", "list", "--sort", "subject", "--debug")
	subjects := column(out, 5)
	if len(subjects) != n || !slices.IsSorted(subjects) {
		t.Errorf("list --sort subject has %d lines, want %d in their order", len(subjects), n)
	}
	if !strings.Contains(log, "UID SORT (SUBJECT) US-ASCII ALL") {
		t.Errorf("the server did not sort")
	}
	out, _ = d.imapRun(t, 0, "ops", "search", "--sort", "-from", "--limit", "2", "from", "jürgen")
	if out != "1000\n999\n" {
		t.Errorf("search --sort -from --limit 2 prints %q", out)
	}
}

// TestIMAPAttachmentsDovecot: parts of many messages in flight come to their own names, and nothing else comes.
func TestIMAPAttachmentsDovecot(t *testing.T) {
	d := startDovecot(t)
	var letters []string
	for i := range 1100 {
		content := base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf("content %d\n%s", i, strings.Repeat("y", 3000*(i%5)))))
		letter := "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
		for range i % 3 {
			letter += "--b\n\ntext that must not come\n"
		}
		letters = append(letters, letter+fmt.Sprintf("--b\nContent-Type: text/csv; name=%d.csv\nContent-Transfer-Encoding: base64\n\n%s\n--b--\n", i, content))
	}
	d.put(t, "ops", letters...)
	dir := t.TempDir()
	out, log := d.imapRun(t, 0, "ops", "attachments", "-d", dir, "--debug")
	if n := strings.Count(out, "\n"); n != len(letters) {
		t.Errorf("%d files, want %d", n, len(letters))
	}
	if strings.Contains(log, "must not come") {
		t.Error("more came than the attachments")
	}
	for i := range letters {
		text, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.csv", i)))
		if err != nil || !strings.HasPrefix(string(text), fmt.Sprintf("content %d\n", i)) || len(text) < 3000*(i%5) {
			t.Fatalf("%d.csv: %.40q, %v", i, text, err)
		}
	}
}

// TestIMAPPartDovecot: a server's own decoding, and numbers of parts as it counts them.
func TestIMAPPartDovecot(t *testing.T) {
	d := startDovecot(t)
	d.put(t, "ops",
		"Subject: alone\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nR3LDvMOfZQo=\n",
		"Subject: within\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: message/rfc822\n\n"+
			"Subject: in\nContent-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: base64\n\nUERGCg==\n--b--\n",
		"Subject: bad\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!aGk=\n")
	for _, c := range []struct{ args, want string }{
		{"1 1", "Grüße\n"},
		{"1 1 --raw", "R3LDvMOfZQo=\r\n"},
		{"1 1 --binary", "Grüße\n"},
		{"1 1 --header", "Subject: alone\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"},
		{"1 TEXT --raw", "R3LDvMOfZQo=\r\n"},
		{"2 1", "hello"},
		{"2 2.1", "PDF\n"},
		{"2 2.1 1", "PDF\nhello"},
		{"2 2.1 --binary", "PDF\n"},
		{"3 1", "hi"},
	} {
		if out, _ := d.imapRun(t, 0, "ops", append([]string{"part"}, strings.Fields(c.args)...)...); out != c.want {
			t.Errorf("part %s prints %q, want %q", c.args, out, c.want)
		}
	}
	d.imapRun(t, 1, "ops", "part", "2", "2.2")
	d.imapRun(t, 1, "ops", "part", "2", "3")
	dir := t.TempDir()
	d.imapRun(t, 0, "ops", "attachments", "-d", dir, "2")
	if text, err := os.ReadFile(filepath.Join(dir, "x.pdf")); string(text) != "PDF\n" {
		t.Errorf("x.pdf is %q, %v", text, err)
	}
}

// TestIMAPFoldersDovecot: special use, counts, namespaces, quotas, rights.
func TestIMAPFoldersDovecot(t *testing.T) {
	d := startDovecot(t, moreOfDovecot)
	d.put(t, "ops", "Subject: x\n\nx\n", "Subject: y\n\ny\n")
	d.imapRun(t, 0, "ops", "create", "Lists/go", "Lists", "Übung & mehr", "--subscribe")
	if _, log := d.imapRun(t, 69, "ops", "create", "Lists"); !strings.Contains(log, "ALREADYEXISTS") {
		t.Errorf("create says %s", log)
	}
	out, log := d.imapRun(t, 0, "ops", "folders", "--debug")
	for _, want := range []string{"INBOX\t2\t2\t\n", "Trash\t0\t0\ttrash\n", "Lists\t0\t0\t\nLists/go\t0\t0\t\n", "Übung & mehr\t0\t0\t\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("folders prints %q, without %q", out, want)
		}
	}
	if strings.Contains(log, "C: p3 STATUS") || !strings.Contains(log, "STATUS (MESSAGES") {
		t.Errorf("counts cost a turn of their own: %s", log)
	}
	if out, _ := d.imapRun(t, 0, "ops", "folders", "--subscribed", "--names"); out != "Lists\nLists/go\nÜbung & mehr\n" {
		t.Errorf("folders --subscribed prints %q", out)
	}
	if out, _ := d.imapRun(t, 0, "ops", "status", "Übung & mehr", "INBOX"); !strings.HasPrefix(out, "Übung & mehr\t0\t0\t1\t") || !strings.Contains(out, "\nINBOX\t2\t2\t3\t") {
		t.Errorf("status prints %q", out)
	}
	if out, _ := d.imapRun(t, 0, "ops", "namespace"); out != "personal\t\t/\n" {
		t.Errorf("namespace prints %q", out)
	}
	if out, _ := d.imapRun(t, 0, "ops", "quota"); !strings.HasPrefix(out, "User quota\tstorage\t") || !strings.HasSuffix(out, "\t10485760\n") {
		t.Errorf("quota prints %q", out)
	}
	d.rights(t)
	d.imapRun(t, 1, "ops", "delete-folder", "INBOX")
	d.imapRun(t, 0, "ops", "delete-folder", "Übung & mehr")
	d.imapRun(t, 0, "ops", "rename", "Lists", "Groups/Old")
	if out, _ := d.imapRun(t, 0, "ops", "folders", "--tree", "Groups*"); out != "Groups\t\t\tnonexistent\n  Old\t0\t0\t\n    go\t0\t0\t\n" {
		t.Errorf("folders --tree prints %q", out)
	}
}

func (d *dovecot) rights(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"acl Lists ann lr", ""},
		{"acl Lists ann +s", ""},
		{"acl Lists ann -l", ""},
	} {
		if out, _ := d.imapRun(t, 0, "ops", strings.Fields(c.args)...); out != c.want {
			t.Errorf("%s prints %q", c.args, out)
		}
	}
	if out, _ := d.imapRun(t, 0, "ops", "acl", "Lists"); !strings.Contains(out, "ann\trs\n") {
		t.Errorf("acl prints %q", out)
	}
	d.imapRun(t, 0, "ops", "acl", "Lists", "ann", "--delete")
	if out, _ := d.imapRun(t, 0, "ops", "acl", "Lists", "--json"); strings.Contains(out, "ann") || !strings.Contains(out, `"rights":"`) {
		t.Errorf("acl --json prints %q", out)
	}
	if out, _ := d.imapRun(t, 0, "ops", "acl", "--mine", "Lists"); !strings.Contains(out, "l") || strings.Count(out, "\n") != 1 {
		t.Errorf("acl --mine prints %q", out)
	}
}
