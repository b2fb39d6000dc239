package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fetched is a FETCH of a header as --exec asks for it, and a response with one message.
const (
	examined = "C: p2 EXAMINE \"INBOX\"\nS: * 3 EXISTS\nS: * OK [UIDVALIDITY 7] .\nS: * OK [UIDNEXT 4] .\nS: p2 OK [READ-ONLY] .\n"
	idled    = "IDLE\nS: + idling\n"
	fields   = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT SENDER REPLY-TO TO CC BCC MESSAGE-ID IN-REPLY-TO REFERENCES)])"
)

// news are FETCH responses for messages of these UIDs, whose subjects are these too.
func newsOf(uids ...string) string {
	var b strings.Builder
	for _, uid := range uids {
		b.WriteString("S: * 4 FETCH (UID " + uid + " FLAGS () BODY[HEADER.FIELDS (SUBJECT)] {14}\nS: Subject: " + uid + "\nS: \nS: )\n")
	}
	return b.String()
}

// TestIMAPIdleScripted: servers without IDLE, connections that are lost, folders that are made anew meanwhile.
func TestIMAPIdleScripted(t *testing.T) {
	t.Parallel()
	fetch := func(tag, from string) string {
		return "C: " + tag + " UID FETCH " + from + ":4294967295 " + fields + "\n"
	}
	for _, x := range []scripted{
		{
			name: "no IDLE: NOOP asks", args: "idle --count 1 --renew 100ms",
			plays: []imapPlay{{caps: "", text: examined + "C: p3 NOOP\nS: p3 OK .\nC: p4 NOOP\nS: * 4 EXISTS\nS: p4 OK .\n" +
				fetch("p5", "4") + newsOf("4") + "S: p5 OK .\nWAIT"}},
			stdout: "INBOX\t4\t\t4\n",
		},
		{
			name: "IDLE is renewed, and a batch is one FETCH", args: "idle --count 2 --renew 100ms",
			plays: []imapPlay{{caps: "IDLE", text: examined + "C: p3 " + idled + "C: DONE\nS: p3 OK .\nC: p4 " + idled + "S: * 5 EXISTS\nC: DONE\nS: p4 OK .\n" +
				fetch("p5", "4") + newsOf("4", "5") + "S: p5 OK .\nWAIT"}},
			stdout: "INBOX\t4\t\t4\nINBOX\t5\t\t5\n",
		},
		{
			name: "what came while there was no connection is reported, and nothing twice", args: "idle --count 3",
			plays: []imapPlay{
				{caps: "IDLE", text: examined + "C: p3 " + idled + "S: * 4 EXISTS\nC: DONE\nS: p3 OK .\n" + fetch("p4", "4") + newsOf("4") + "S: p4 OK .\nC: p5 " + idled + "CUT"},
				{caps: "IDLE", text: strings.ReplaceAll(examined, "UIDNEXT 4", "UIDNEXT 6") + fetch("p3", "5") + newsOf("5") + "CUT"},
				{caps: "IDLE", text: strings.ReplaceAll(examined, "UIDNEXT 4", "UIDNEXT 7") + fetch("p3", "6") + newsOf("6") + "S: p3 OK .\nWAIT"},
			},
			stdout: "INBOX\t4\t\t4\nINBOX\t5\t\t5\nINBOX\t6\t\t6\n",
			stderr: []string{"connecting again in 1s", "connecting again in 2s"},
		},
		{
			name: "the folder was made anew", args: "idle --count 1",
			plays: []imapPlay{
				{caps: "IDLE", text: examined + "C: p3 " + idled + "S: * BYE going down\n"},
				{caps: "IDLE", text: strings.ReplaceAll(examined, "UIDVALIDITY 7", "UIDVALIDITY 8") + "C: p3 " + idled + "S: * 4 EXISTS\nC: DONE\nS: p3 OK .\n" +
					fetch("p4", "4") + newsOf("4") + "S: p4 OK .\nWAIT"},
			},
			stdout: "INBOX\t4\t\t4\n", stderr: []string{"UIDVALIDITY is new"},
		},
		{
			name: "a server that does not tell UIDNEXT, and tells of messages that were there", args: "idle --count 1",
			plays: []imapPlay{{caps: "IDLE", text: strings.ReplaceAll(examined, "S: * OK [UIDNEXT 4] .\n", "") + "C: p3 UID SEARCH UID *\nS: * SEARCH 3\nS: p3 OK .\nC: p4 " +
				idled + "S: * 3 EXISTS\nC: DONE\nS: p4 OK .\n" + fetch("p5", "4") + newsOf("3") + "S: p5 OK .\nC: p6 " + idled + "S: * 4 EXISTS\nC: DONE\nS: p6 OK .\n" +
				fetch("p7", "4") + newsOf("4") + "S: p7 OK .\nWAIT"}},
			stdout: "INBOX\t4\t\t4\n",
		},
		{
			name: "the login is refused later", args: "idle --count 1",
			plays: []imapPlay{
				{caps: "IDLE", text: examined + "C: p3 " + idled + "CUT"},
				{caps: "IDLE", text: "C: p2 EXAMINE \"INBOX\"\nS: p2 NO [NOPERM] no more\n"},
			},
			status: exitUnavailable, stderr: []string{"connecting again in 1s", "NOPERM"},
		},
		{
			name: "the connection is lost at the beginning", args: "idle",
			plays: []imapPlay{{caps: "IDLE", text: "C: p2 EXAMINE \"INBOX\"\nCUT"}}, status: exitTempFail, stderr: []string{"EXAMINE INBOX"},
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			x.run(t)
		})
	}
}

// notified is the begin of a session over which the server is to tell of INBOX and B, both of which it has looked at.
func notified(statuses string) string {
	notify := ` NOTIFY SET STATUS (SELECTED (MessageNew MessageExpunge FlagChange)) (MAILBOXES ("INBOX" "B") (MessageNew MessageExpunge))` + "\n"
	look := func(first, second int, folder string) string {
		return strings.NewReplacer("p2", fmt.Sprintf("p%d", first), "INBOX", folder).Replace(examined) + fmt.Sprintf("C: p%d UNSELECT\nS: p%[1]d OK .\n", second)
	}
	return "C: p2" + notify + statuses + "S: p2 OK .\n" + look(3, 4, "INBOX") + look(5, 6, "B") + "C: p7" + notify + statuses + "S: p7 OK .\n"
}

// TestIMAPIdleNotify: one connection for several folders, where the server tells of all of them (RFC 5465); else one each.
func TestIMAPIdleNotify(t *testing.T) {
	t.Parallel()
	const inbox, b = "S: * STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7)\n", "S: * STATUS B (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7)\n"
	const caps = "NOTIFY IDLE UNSELECT"
	scripted{
		args: "idle --folders INBOX,B --count 1",
		plays: []imapPlay{{caps: caps, text: notified(inbox+b) + "C: p8 " + idled + "S: * STATUS B (MESSAGES 4 UIDNEXT 5)\nC: DONE\nS: p8 OK .\nC: p9 NOTIFY ...\n" +
			strings.ReplaceAll(inbox+b, "B (MESSAGES 3 UIDNEXT 4", "B (MESSAGES 4 UIDNEXT 5") + "S: p9 OK .\n" +
			strings.NewReplacer("p2", "p10", "INBOX", "B", "UIDNEXT 4", "UIDNEXT 5").Replace(examined) + "C: p11 UID FETCH 4:4294967295 ...\n" + newsOf("4") + "S: p11 OK .\nWAIT"}},
		stdout: "B\t4\t\t4\n",
	}.run(t)

	each := imapPlay{caps: "IDLE", text: "C: p2 EXAMINE ...\nS: * OK [UIDVALIDITY 7] .\nS: * OK [UIDNEXT 5] .\nS: p2 OK [READ-ONLY] .\nC: p3 UID FETCH 4:4294967295 ...\n" +
		newsOf("4") + "S: p3 OK .\nWAIT"}
	status, stdout, stderr := runScripted(t, "", "idle --folders INBOX,B --count 2", imapPlay{caps: caps, text: notified(inbox)}, each, each)
	if status != exitOK || stderr != "" || !strings.Contains(stdout, "B\t4\t\t4\n") || !strings.Contains(stdout, "INBOX\t4\t\t4\n") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}

// TestIdleStatus: nothing, or less than was waited for, is a no.
func TestIdleStatus(t *testing.T) {
	for _, x := range []struct{ reported, count, failed, want int }{
		{0, 0, 0, exitNegative},
		{1, 0, 0, exitOK},
		{1, 2, 0, exitNegative},
		{2, 2, 0, exitOK},
		{2, 2, 1, exitPartial},
	} {
		w := &watching{reported: x.reported, failed: x.failed, opt: idleOptions{count: x.count}}
		if got := statusOf(w.status()); got != x.want {
			t.Errorf("%+v: %d", x, got)
		}
	}
}

// TestNewsVariables: values are bounded, and have no control characters.
func TestNewsVariables(t *testing.T) {
	n := &news{imapLetter: &imapLetter{Folder: "IN\x00BOX", UID: 4, Subject: "a\nb\x1b[2J" + strings.Repeat("ü", 10_000), from: "x\xff"}}
	got := n.variables()
	for _, want := range []string{"POSTA_FOLDER=IN BOX", "POSTA_UID=4", "POSTA_SENDER=x\ufffd"} {
		if !slices.Contains(got, want) {
			t.Errorf("%.100q has no %q", got, want)
		}
	}
	for _, kv := range got {
		if len(kv) > maxVariable+20 || strings.ContainsAny(kv, "\x00\n\x1b") || strings.HasPrefix(kv, "POSTA_FROM=") {
			t.Errorf("%.100q", kv)
		}
	}
}
