package sandbox

import (
	"testing"
	"time"
)

// fuzzMailbox throws octets at a server with a letter in it: it answers or closes, and the letter stays in the store.
func fuzzMailbox(t *testing.T, service, in string) {
	sb := start(t, Options{})
	if err := sendMail(sb, "b@x", "Subject: x\r\n\r\n.\r\n"); err != nil {
		t.Fatal(err)
	}
	c := dialRaw(t, sb.Addr(service))
	c.nc.SetDeadline(time.Now().Add(5 * time.Second))
	c.nc.Write([]byte(in))
	c.hangUp()
	if found := settled(sb); len(found) != 1 {
		t.Errorf("%d letters after %q", len(found), in)
	}
}

func FuzzPOP3(f *testing.F) {
	f.Add("USER b@x\r\nPASS x\r\nLIST\r\nUIDL 1\r\nRETR 1\r\nTOP 1 0\r\nDELE 1\r\nRSET\r\nDELE 1\r\nQUIT\r\n")
	f.Add("CAPA\r\nAUTH LOGIN\r\nYkB4\r\neA==\r\nSTAT\r\nRETR -1\r\nTOP 1 -1\r\nDELE 99999999999999999999\r\n")
	f.Add("APOP b@x 0\r\nSTLS\r\n\x16\x03\x01")
	f.Fuzz(func(t *testing.T, in string) { fuzzMailbox(t, "pop3", in) })
}

func FuzzIMAP(f *testing.F) {
	f.Add("a LOGIN b@x y\r\nb SELECT INBOX\r\nc UID FETCH 1:* (FLAGS BODY[]<1.5> ENVELOPE BODYSTRUCTURE)\r\nd MOVE 1 Trash\r\n")
	f.Add("a LOGIN {3+}\r\nb@x {1+}\r\ny\r\nb APPEND INBOX {2+}\r\nxx\r\nc IDLE\r\nDONE\r\nd SEARCH RETURN (SAVE) ALL\r\n")
	f.Add("a AUTHENTICATE PLAIN\r\nAGIAeA==\r\nb LIST \"\" *\r\nc RENAME INBOX x\r\nd STARTTLS\r\n")
	f.Fuzz(func(t *testing.T, in string) { fuzzMailbox(t, "imap", in) })
}
