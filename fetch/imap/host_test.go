package imap

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/realserver"
	"posta/internal/sasl"
)

// host is a real server of its own. Everybody's password is "secret".
type host struct {
	*realserver.Host
	addr   string
	prefix string // of the names of all folders but INBOX
	delim  rune
}

// config is how to log in.
func (h *host) config(user, mechanism string) Config {
	return Config{
		Dialer:    dialer.Config{Address: h.addr, Timeout: hanging},
		Auth:      &sasl.Credentials{Username: user, Password: "secret"},
		Mechanism: mechanism,
	}
}

// dial logs in.
func (h *host) dial(t testing.TB, user, mechanism string) *Client {
	t.Helper()
	c, err := Dial(context.Background(), h.config(user, mechanism))
	if err != nil {
		t.Fatalf("%s %s: %v", h.Name, mechanism, err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// box is a folder for the test alone, empty and selected.
func (h *host) box(t testing.TB, c *Client, name string) string {
	t.Helper()
	name = h.prefix + name
	must(t, c.Create(name, ""))
	must(t, c.Select(name, SelectOptions{}))
	return name
}

// must returns what there is without an error.
func must[T any](t testing.TB, p *Pending[T]) T {
	t.Helper()
	data, err := p.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// text is a letter's, whose length tells its number.
func text(i int) string {
	return fmt.Sprintf("From: a%d@example.org\r\nSubject: letter %d\r\nDate: Mon, %d Jan 2024 10:00:00 +0000\r\nMessage-ID: <%d@example.org>\r\n\r\n%s\r\n",
		i, i, 1+i%28, i, strings.Repeat("x", i*100))
}

func letter(i int) Letter { return written(text(i)) }

// written is a letter of this text.
func written(text string) Letter {
	return Letter{Size: int64(len(text)), Body: strings.NewReader(text), Time: time.Unix(1e9, 0)}
}
