package dialer

import (
	"context"
	"crypto/tls"
	"errors"
	"testing"
)

// TestVerify: what takes the place of chain and name decides, and the connection is good for no secrets.
func TestVerify(t *testing.T) {
	ca := newAuthority(t)
	addr := serve(t, "tcp", "127.0.0.1:0", overTLS(&tls.Config{Certificates: []tls.Certificate{ca.server(t, "mail.example.org")}}, hang)).String()
	refused := errors.New("refused")
	for _, want := range []error{nil, refused} {
		asked := false
		c, err := Dial(context.Background(), Config{
			Address: addr, Security: TLS, ServerName: "another.example.org",
			Verify: func(state tls.ConnectionState) error {
				asked = len(state.PeerCertificates) > 0
				return want
			},
		})
		if !asked || !errors.Is(err, want) {
			t.Errorf("asked %v, error %v, want %v", asked, err, want)
		}
		if err == nil {
			if c.Secure() || c.TLSState() == nil {
				t.Error("a connection that was not verified counts as secure")
			}
			c.Close()
		}
		if want != nil {
			kindIs(t, err, TLSRefused)
		}
	}
}
