package imap

import (
	"strings"
	"testing"

	"posta/internal/realserver"
)

const dovecotSettings = `auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
mail_fsync = optimized
mail_plugins = quota acl
mail_max_userip_connections = 50
protocol imap {
  mail_plugins = quota acl imap_quota imap_acl imap_zlib
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=QUOTA
  acl = vfile
}`

// startDovecot starts a Dovecot where each user has this quota.
func startDovecot(t testing.TB, quota string) *host {
	t.Helper()
	d := realserver.StartDovecot(t, strings.Replace(dovecotSettings, "QUOTA", quota, 1))
	return &host{Host: d.Host, addr: d.IMAP, delim: '/'}
}

// TestDovecot goes through what clients do.
func TestDovecot(t *testing.T) {
	h := startDovecot(t, "10M")
	h.logins(t, "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
	h.suite(t)
	for line := range strings.Lines(h.Log()) {
		for _, complaint := range []string{"Error", "Fatal", "Panic"} {
			if strings.Contains(line, complaint) && !strings.Contains(line, "auth failed") {
				t.Errorf("Dovecot complains: %s", line)
			}
		}
	}
}
