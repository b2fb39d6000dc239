//go:build unix

package realserver

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// cyrusBin is where Debian keeps Cyrus's programs.
const cyrusBin = "/usr/lib/cyrus/bin/"

const cyrusConf = `configdirectory: DIR/conf
defaultpartition: default
partition-default: DIR/spool
proc_path: DIR/run/proc
mboxname_lockpath: DIR/run/lock
idlesocket: DIR/run/idle
notifysocket: DIR/run/notify
lmtpsocket: DIR/run/lmtp
altnamespace: no
unixhierarchysep: no
allowplaintext: yes
admins: admin
autocreate_quota: 10240
autocreate_inbox_folders: Trash
xlist-trash: Trash
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: DIR/run/auth/mux
sasl_mech_list: PLAIN LOGIN
servername: localhost
imapidlepoll: 1
`

const cyrusMaster = `START {
  recover cmd="BINctl_cyrusdb -C DIR/imapd.conf -r"
}
SERVICES {
  imap cmd="BINimapd -C DIR/imapd.conf" listen="ADDR" proto="tcp4" prefork=0 maxchild=50
}
EVENTS {
}
`

// Cyrus is one where everybody logs in with "secret". It is what Dovecot is not: folders are below INBOX behind dots,
// special uses are in lower case, LOGINDISABLED is told after the login, and much more.
type Cyrus struct {
	*Host
	IMAP string // address, in plain text
}

// StartCyrus starts a Cyrus.
func StartCyrus(t testing.TB) *Cyrus {
	t.Helper()
	for _, name := range []string{"master", "imapd", "ctl_cyrusdb"} {
		if _, err := os.Stat(cyrusBin + name); err != nil {
			Absent(t, "Cyrus is not installed: "+err.Error())
		}
	}
	h := &Cyrus{NewHost(t, "Cyrus", "nobody"), FreeAddress(t)}
	h.Write(t, "imapd.conf", cyrusConf)
	h.Write(t, "cyrus.conf", cyrusMaster, "BIN", cyrusBin, "ADDR", h.IMAP)
	for _, sub := range []string{"conf", "spool", "run"} {
		h.Mkdir(t, sub)
	}
	h.authenticate(t)
	cmd := exec.Command(cyrusBin+"master", "-C", h.Path("imapd.conf"), "-M", h.Path("cyrus.conf"), "-p", h.Path("run/pid"))
	cmd.Env = append(os.Environ(), "CYRUS_USER="+h.Owner.Username)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it ends its whole process group, which this test is not to be of
	h.Start(t, cmd, h.IMAP)
	return h
}

// authenticate is what saslauthd does: it tells Cyrus whose password is right.
func (h *Cyrus) authenticate(t testing.TB) {
	t.Helper()
	path := h.Path("run/auth")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(path, "mux"))
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(filepath.Join(path, "mux"), 0o777)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answer := "\x00\x02NO"
			if _, password := readCounted(conn), readCounted(conn); password == "secret" {
				answer = "\x00\x02OK"
			}
			io.WriteString(conn, answer)
			conn.Close()
		}
	}()
}

// readCounted reads a string behind its length; "" is an error, too.
func readCounted(r io.Reader) string {
	var size uint16
	if binary.Read(r, binary.BigEndian, &size) != nil {
		return ""
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return ""
	}
	return string(text)
}
