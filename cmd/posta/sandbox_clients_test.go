package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"posta/internal/realserver"
	"posta/internal/sandbox"
)

// TestSandboxCurl lets curl, which is not ours, read from the sandbox, put a letter there and delete one.
func TestSandboxCurl(t *testing.T) {
	curl := realserver.Find(t, "curl")
	sb := startTestSandbox(t, sandbox.Options{})
	for _, subject := range []string{"one", "two"} {
		letter := "From: ann@example.org\r\nSubject: " + subject + "\r\n\r\n.dot " + subject + "\r\n"
		deliverTo(t, sb, "bob@example.org", letter)
	}
	upload := filepath.Join(t.TempDir(), "letter")
	if err := os.WriteFile(upload, []byte("Subject: put\r\n\r\nx\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ca := []string{"--cacert", sb.CAFile()}
	for _, tc := range []struct {
		args []string // SERVICE is host:port
		want string   // is in what curl prints
	}{
		{[]string{"pop3://POP3/"}, "2 49\r\n"},
		{[]string{"pop3://POP3/2"}, "Subject: two\r\n\r\n.dot two\r\n"},
		{append(ca, "--ssl-reqd", "pop3://POP3/1"), ".dot one\r\n"},
		{append(ca, "pop3s://POP3S/1"), ".dot one\r\n"},
		{[]string{"--login-options", "AUTH=+APOP", "pop3://POP3/"}, "2 49\r\n"},
		{[]string{"--login-options", "AUTH=CRAM-MD5", "pop3://POP3/"}, "2 49\r\n"},
		{[]string{"-X", "TOP 2 0", "pop3://POP3/"}, "Subject: two\r\n"},
		{[]string{"imap://IMAP/"}, `"/" "Sent"`},
		{[]string{"imap://IMAP/INBOX;UID=2"}, "Subject: two\r\n\r\n.dot two\r\n"},
		{[]string{"imap://IMAP/INBOX;MAILINDEX=1;SECTION=HEADER.FIELDS%20(SUBJECT)"}, "Subject: one\r\n"},
		{append(ca, "--ssl-reqd", "imap://IMAP/INBOX;UID=1"), ".dot one\r\n"},
		{append(ca, "imaps://IMAPS/INBOX;UID=1"), ".dot one\r\n"},
		{[]string{"imap://IMAP/INBOX?SUBJECT%20two"}, "* SEARCH 2\r\n"},
		{[]string{"-T", upload, "imap://IMAP/INBOX"}, ""},
		{[]string{"imap://IMAP/INBOX;UID=3"}, "Subject: put\r\n"},
		{[]string{"pop3://POP3/3"}, "Subject: put\r\n"}, // one store
		{[]string{"-I", "-X", "DELE", "pop3://POP3/2"}, ""},
		{[]string{"-X", "STATUS INBOX (MESSAGES)", "imap://IMAP/"}, "MESSAGES 2"},
	} {
		args := []string{"-sS", "--max-time", "20", "-u", "bob@example.org:any"}
		services := strings.NewReplacer("POP3S", sb.Addr("pop3s"), "POP3", sb.Addr("pop3"), "IMAPS", sb.Addr("imaps"), "IMAP", sb.Addr("imap"))
		for _, arg := range tc.args {
			args = append(args, services.Replace(arg))
		}
		got, err := exec.Command(curl, args...).CombinedOutput()
		if err != nil || !strings.Contains(string(got), tc.want) {
			t.Errorf("curl %q: %v\n%s", args, err, got)
		}
	}
}

// deliverTo hands letters to the sandbox by SMTP.
func deliverTo(t *testing.T, sb *sandbox.Sandbox, to string, letters ...string) {
	t.Helper()
	c, err := smtp.Dial(sb.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, letter := range letters {
		if err := c.SendMail("ann@example.org", []string{to}, strings.NewReader(letter)); err != nil {
			t.Fatal(err)
		}
	}
}
