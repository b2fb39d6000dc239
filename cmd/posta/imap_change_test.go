package main

import "testing"

// TestIMAPChangeScripted: servers that lack what makes a change safe, that refuse in the middle, or that say OK and do
// nothing.
func TestIMAPChangeScripted(t *testing.T) {
	one := func(caps, text string) []imapPlay { return []imapPlay{{caps: caps, text: text}} }
	inbox := found("SELECT", "UID 1:3", "1 2 3")
	for _, x := range []scripted{
		{
			name: "MOVE without MOVE: what COPY says was copied is deleted, and no more", args: "move 1:3 --to Old --json",
			plays: one("UIDPLUS", inbox+`C: p4 UID COPY 1:3 "Old"
S: p4 OK [COPYUID 9 1,3 5:6] .
C: p5 UID STORE 1,3 +FLAGS.SILENT (\Deleted)
S: p5 OK .
C: p6 UID EXPUNGE 1,3
S: p6 OK .
`),
			status: exitPartial, stderr: []string{"INBOX has no message 2 any more"},
			stdout: `{"event":"moved","folder":"INBOX","messages":2,"uids":"1,3","to":"Old","to_uidvalidity":9,"to_uids":"5:6","missing":"2"}` + "\n",
		},
		{
			name: "neither MOVE nor UIDPLUS: nothing is done", args: "move 1:3 --to Old",
			plays: one("", inbox), status: exitUnavailable, stderr: []string{"does not offer UIDPLUS, nor MOVE"},
		},
		{
			name: "the copy is there, the deletion is refused", args: "move 1:3 --to Old --json",
			plays: one("UIDPLUS", inbox+`C: p4 UID COPY 1:3 "Old"
S: p4 OK [COPYUID 9 1:3 5:7] .
C: p5 UID STORE 1:3 +FLAGS.SILENT (\Deleted)
S: p5 NO [NOPERM] not yours
`),
			status: exitUnavailable, stderr: []string{"NOPERM", "are copied, and still where they were"},
		},
		{
			name: "MOVE is refused", args: "move 1:3 --to Old",
			plays:  one("MOVE", inbox+"C: p4 UID MOVE 1:3 \"Old\"\nS: p4 NO [OVERQUOTA] full\n"),
			status: exitTempFail, stderr: []string{"OVERQUOTA"},
		},
		{
			name: "the connection is lost in MOVE", args: "move 1:3 --to Old",
			plays:  one("MOVE", inbox+"C: p4 UID MOVE 1:3 \"Old\"\nS: * OK [COPYUID 9 1:3 5:7] .\nCUT"),
			status: exitTempFail, stderr: []string{"is not known"},
		},
		{
			name: "a folder that can only be read", args: "move 1:3 --to Old",
			plays: one("MOVE UIDPLUS", `C: p2 SELECT "INBOX"
C: p3 UID SEARCH UID 1:3
S: * 3 EXISTS
S: p2 OK [READ-ONLY] .
S: * SEARCH 1 2 3
S: p3 OK .
`), status: exitUnavailable, stderr: []string{"can only be read"},
		},
		{
			name: "the folder is made when the server asks for it", args: "copy 1:3 --to New --create",
			plays: one("", found("EXAMINE", "UID 1:3", "1 2 3")+`C: p4 UID COPY 1:3 "New"
S: p4 NO [TRYCREATE] no such folder
C: p5 CREATE "New"
S: p5 OK .
C: p6 UID COPY 1:3 "New"
S: p6 OK .
`),
		},
		{
			name: "--expunge without UIDPLUS: nothing is done", args: "delete 1:3 --expunge",
			plays: one("MOVE", inbox), status: exitUnavailable, stderr: []string{"EXPUNGE would delete what others have marked"},
		},
		{
			name: "--expunge, and one is still there", args: "delete 1:3 --expunge --json",
			plays: one("UIDPLUS", inbox+`C: p4 UID STORE 1:3 +FLAGS.SILENT (\Deleted)
C: p5 UID EXPUNGE 1:3
S: p4 OK .
S: * 3 EXPUNGE
S: * 1 EXPUNGE
S: p5 OK .
C: p6 UID SEARCH UID 1:3
S: * SEARCH 2
S: p6 OK .
`),
			status: exitPartial, stderr: []string{"has not deleted 2"},
			stdout: `{"event":"expunged","folder":"INBOX","messages":2,"uids":"1,3","failed":"2"}` + "\n",
		},
		{
			name: "the trash has a usual name", args: "delete 1:3",
			plays: one("MOVE", "C: p2 LIST \"\" \"*\"\n"+renumbered(inbox, 3)+`S: * LIST () "." INBOX
S: * LIST () "." INBOX.Sent
S: * LIST () "." INBOX.Trash
S: p2 OK .
C: p5 UID MOVE 1:3 "INBOX.Trash"
S: p5 OK .
`),
		},
		{
			name: "there is no trash", args: "delete 1:3",
			plays: one("MOVE", "C: p2 LIST \"\" \"*\"\n"+renumbered(inbox, 3)+`S: * LIST () "." INBOX
S: p2 OK .
`),
			status: exitUnavailable, stderr: []string{"no folder for deleted messages"},
		},
		{
			name: "a keyword that would be forgotten", args: "flag +work 1:3",
			plays: one("", `C: p2 SELECT "INBOX"
C: p3 UID SEARCH UID 1:3
S: * 3 EXISTS
S: * OK [PERMANENTFLAGS (\Seen \Deleted)] .
S: p2 OK [READ-WRITE] .
S: * SEARCH 1 2 3
S: p3 OK .
`), status: exitUnavailable, stderr: []string{"does not keep the flag work"},
		},
		{
			name: "OK, and the flag of one is not set", args: "flag +seen -flagged 1:3 --json",
			plays: one("", inbox+`C: p4 UID STORE 1:3 +FLAGS.SILENT (\Seen)
C: p5 UID STORE 1:3 -FLAGS.SILENT (\Flagged)
C: p6 UID SEARCH UID 1:3 NOT (SEEN UNFLAGGED)
S: p4 OK .
S: p5 OK .
S: * SEARCH 3
S: p6 OK .
`),
			status: exitPartial, stderr: []string{"has not changed the flags of 3"},
			stdout: `{"event":"flagged","folder":"INBOX","messages":2,"uids":"1:2","add":["seen"],"remove":["flagged"],"failed":"3"}` + "\n",
		},
		{
			name: "UIDs after the last are none", args: "delete 9:* --expunge",
			plays: one("UIDPLUS", found("SELECT", "UID 9:4294967295", "")), status: exitNegative,
		},
	} {
		t.Run(x.name, x.run)
	}
}
