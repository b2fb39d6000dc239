package imap

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

const dovecotConf = `base_dir = DIR/run
state_dir = DIR/run
log_path = DIR/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
first_valid_uid = 1
mail_location = maildir:DIR/mail/%u
mail_plugins = quota acl
mail_max_userip_connections = 50
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/home/%u
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Trash {
    auto = create
    special_use = \Trash
  }
}
protocol imap {
  mail_plugins = quota acl imap_quota imap_acl imap_zlib
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=QUOTA
  acl = vfile
}
service imap-login {
  chroot =
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
`

// startDovecot starts a Dovecot of its own, on loopback, where each user has this quota.
func startDovecot(t testing.TB, quota string) *host {
	t.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/dovecot"); err != nil {
			absent(t, "Dovecot is not installed")
		}
	}
	h := newHost(t, "Dovecot")
	conf := strings.Replace(dovecotConf, "QUOTA", quota, 1)
	if os.Geteuid() != 0 {
		group, err := user.LookupGroupId(h.owner.Gid)
		if err != nil {
			t.Fatal(err)
		}
		conf += "default_login_user = " + h.owner.Username + "\ndefault_internal_user = " + h.owner.Username + "\ndefault_internal_group = " + group.Name + "\n"
	}
	h.write(t, "conf", conf)
	h.mkdir(t, "mail")
	h.mkdir(t, "home")
	h.start(t, exec.Command(program, "-F", "-c", filepath.Join(h.dir, "conf")))
	return h
}

// TestDovecot goes through what clients do.
func TestDovecot(t *testing.T) {
	h := startDovecot(t, "10M")
	h.logins(t, "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
	h.suite(t)
	for line := range strings.Lines(h.log()) {
		for _, complaint := range []string{"Error", "Fatal", "Panic"} {
			if strings.Contains(line, complaint) && !strings.Contains(line, "auth failed") {
				t.Errorf("Dovecot complains: %s", line)
			}
		}
	}
}
