package sandbox

import (
	"strings"
	"testing"
	"time"
)

// FuzzSMTP throws octets at the server: it answers or closes, and keeps no letter that did not end.
func FuzzSMTP(f *testing.F) {
	f.Add("EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n.\r\nQUIT\r\n")
	f.Add("LHLO x\r\nEHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<\"b\\\">\"@x>\r\nBDAT 3\r\nabcBDAT 0 LAST\r\nRSET\r\n")
	f.Add("EHLO x\r\nAUTH LOGIN\r\nYQ==\r\n*\r\nAUTH CRAM-MD5\r\nYQ==\r\nAUTH OAUTHBEARER\r\n=\r\n\r\n")
	f.Add("AUTH PLAIN\r\nSTARTTLS\r\n\x16\x03\x01")
	f.Fuzz(func(t *testing.T, in string) {
		sb := start(t, Options{})
		for _, addr := range []string{sb.SMTPAddr(), sb.LMTPAddr()} {
			c := dialRaw(t, addr)
			c.nc.SetDeadline(time.Now().Add(5 * time.Second))
			c.nc.Write([]byte(in))
			c.hangUp()
		}
		if found := settled(sb); len(found) > strings.Count(in, "\r\n.\r\n")*2+strings.Count(strings.ToUpper(in), "BDAT")*2 {
			t.Errorf("%d letters from %q", len(found), in)
		}
	})
}
