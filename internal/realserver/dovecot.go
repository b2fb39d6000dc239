package realserver

import (
	"net"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"testing"
)

const dovecotConf = `base_dir = DIR/run
state_dir = DIR/run
log_path = DIR/log
protocols = pop3 imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
mail_fsync = never
mail_location = maildir:DIR/mail/%u
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/home/%u
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = POP3PORT
  }
  inet_listener pop3s {
    port = 0
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = IMAPPORT
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Trash {
    auto = create
    special_use = \Trash
  }
}
`

// Dovecot is one where everybody logs in with "secret", and whose mail is in the Maildir mail/USER.
type Dovecot struct {
	*Host
	IMAP, POP3 string // addresses, in plain text
}

// StartDovecot starts a Dovecot with settings beside, or instead of, those that all have.
func StartDovecot(t testing.TB, settings ...string) *Dovecot {
	t.Helper()
	program := Find(t, "dovecot")
	free := FreeAddresses(t, 2)
	d := &Dovecot{Host: NewHost(t, "Dovecot", "mail"), IMAP: free[0], POP3: free[1]}
	for _, dir := range []string{"mail", "home"} {
		d.Mkdir(t, dir)
	}
	conf := strings.Join(append([]string{dovecotConf, d.users(t)}, settings...), "\n")
	d.Write(t, "dovecot.conf", conf+"\n", "POP3PORT", port(d.POP3), "IMAPPORT", port(d.IMAP))
	d.Start(t, exec.Command(program, "-F", "-c", d.Path("dovecot.conf")), d.IMAP, d.POP3)
	return d
}

// users are settings by which all runs as the test's own user, unless that is root.
func (d *Dovecot) users(t testing.TB) string {
	if os.Geteuid() == 0 {
		return ""
	}
	group, err := user.LookupGroupId(d.Owner.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return "default_internal_user = " + d.Owner.Username + "\ndefault_login_user = " + d.Owner.Username + "\ndefault_internal_group = " + group.Name
}

func port(addr string) string {
	_, p, _ := net.SplitHostPort(addr)
	return p
}
