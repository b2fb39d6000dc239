package main

import (
	"strings"
	"testing"
)

// TestIMAPChangeCut cuts the connection after every octet that the server says: nothing is then said to be done that is not, and
// the status is not that of success.
func TestIMAPChangeCut(t *testing.T) {
	inbox := found("SELECT", "UID 1:3", "1 2 3")
	for _, x := range []struct {
		args   string
		play   imapPlay
		stdout string // of a run that is not cut
	}{
		{
			args: "move 1:3 --to Old --json", stdout: `"event":"moved","folder":"INBOX","messages":3`,
			play: imapPlay{caps: "UIDPLUS", text: inbox + `C: p4 UID COPY 1:3 "Old"
S: p4 OK [COPYUID 9 1:3 5:7] .
C: p5 UID STORE 1:3 +FLAGS.SILENT (\Deleted)
S: p5 OK .
C: p6 UID EXPUNGE 1:3
S: p6 OK .
`},
		},
		{
			args: "delete 1:3 --expunge --json", stdout: `"event":"expunged","folder":"INBOX","messages":3`,
			play: imapPlay{caps: "UIDPLUS", text: inbox + `C: p4 UID STORE 1:3 +FLAGS.SILENT (\Deleted)
C: p5 UID EXPUNGE 1:3
S: p4 OK .
S: * 3 EXPUNGE
S: p5 OK .
C: p6 UID SEARCH UID 1:3
S: * SEARCH
S: p6 OK .
`},
		},
	} {
		for cut := 1; cut <= x.play.says(); cut++ {
			x.play.cut = cut
			status, stdout, stderr := runScripted(t, "", x.args, x.play)
			switch whole := strings.Contains(stdout, x.stdout); {
			case whole && status == exitOK:
				if cut < x.play.says()-len(" .\r\n") {
					t.Errorf("%s: success after %d octets of %d", x.args, cut, x.play.says())
				}
			case whole, status != exitTempFail && status != exitPartial, stderr == "", strings.Contains(stdout, "event"), !strings.HasPrefix(x.stdout, stdout):
				t.Errorf("%s: cut after %d octets of %d: status %d, %q\n%s", x.args, cut, x.play.says(), status, stdout, stderr)
			}
		}
	}
}
