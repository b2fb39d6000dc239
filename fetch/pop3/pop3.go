// Package pop3 is a POP3 client that waits as seldom as it can.
//
// [Dial] connects, starts TLS and logs in; [Client.Mailbox] tells what the mailbox holds, [Client.Retrieve] gives the
// letters one after the other, each an io.Reader over the connection, and [Client.Quit] deletes and ends the session. Where the
// server offers PIPELINING, or it is forced, UIDL and LIST go together, many RETRs are under way while their letters
// are read, and all DELEs go with QUIT.
//
// A letter's octets are what the server sent, dot-stuffing undone: what is announced of its size is believed nowhere. A
// letter ends with CRLF "." CRLF and with nothing else; a connection that ends before is an error of the letter's reader.
// Nothing is deleted before the server said +OK to QUIT (RFC 1939 §6).
//
// Implemented are RFC 1939 (with APOP, TOP, UIDL, and RFC 1460's LAST), RFC 2449 (CAPA, response codes, PIPELINING), RFC
// 2595 and 8314 (STLS, implicit TLS), RFC 3206 (SYS/TEMP, SYS/PERM, AUTH), RFC 5034 (AUTH), RFC 6856 (UTF8, LANG). Left out
// are RPOP, XTND and other commands of single servers.
package pop3

import (
	"context"
	"errors"
	"fmt"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

// Pipelining is whether commands go out before the replies to earlier ones have come.
type Pipelining int

// The choices of pipelining.
const (
	Auto   Pipelining = iota // where the server offers it
	Always                   // without asking
	Never
)

// The forced mechanisms that are not SASL's.
const (
	MechanismAPOP = "APOP"
	MechanismUSER = "USER"
)

// Config says how to reach a mailbox.
type Config struct {
	Dialer     dialer.Config
	Auth       *sasl.Credentials // nil: no login, for Capabilities alone
	Mechanism  string            // a SASL mechanism, MechanismAPOP or MechanismUSER; "": the strongest
	Pipelining Pipelining
	Window     int // letters under way at most; default 512
}

const (
	defaultWindow = 512
	windowOctets  = 8 << 20 // of announced sizes under way, so that a session that ends early ends soon
)

// Dial connects, reads the greeting, starts TLS where Config.Dialer asks for it, and logs in. Errors are *Error (the
// server's refusal, or a broken dialogue), *dialer.Error, or internal/sasl's within an *Error. The end of ctx ends the
// dialling, a later end does not touch the Client. The caller calls Quit or Close.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	if cfg.Window <= 0 {
		cfg.Window = defaultWindow
	}
	conn, err := dialer.Dial(ctx, cfg.Dialer)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, cfg: cfg, caps: &Capabilities{}}
	stop := conn.Watch(ctx)
	err = c.open(ctx)
	stop()
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// open is the dialogue of the AUTHORIZATION state.
func (c *Client) open(ctx context.Context) error {
	if err := c.readGreeting(); err != nil {
		return err
	}
	if err := c.askCapabilities(); err != nil {
		return err
	}
	if c.cfg.Dialer.Security == dialer.StartTLS {
		if err := c.startTLS(ctx); err != nil {
			return err
		}
	}
	if c.cfg.Auth == nil {
		return nil
	}
	return c.login()
}

// startTLS is RFC 2595 §4. There is no going on without it.
func (c *Client) startTLS(ctx context.Context) error {
	if c.caps.known && !c.caps.STLS {
		return c.noTLS(errors.New("the server does not offer STLS"))
	}
	if _, err := c.ask("STLS"); err != nil {
		var refused *Error
		if errors.As(err, &refused) && refused.Refused() {
			return c.noTLS(err)
		}
		return err
	}
	if err := c.conn.StartTLS(ctx); err != nil {
		return c.fail("STLS", err)
	}
	c.stamp = "" // RFC 2595 §4: what was known before counts no more
	return c.askCapabilities()
}

func (c *Client) noTLS(err error) error {
	return &dialer.Error{Op: "start TLS with", Addr: c.cfg.Dialer.Address, Kind: dialer.TLSRefused, Err: err}
}

// readGreeting reads the first line, and the stamp for APOP in it.
func (c *Client) readGreeting() error {
	text, err := c.reply("greeting")
	if err != nil {
		return err
	}
	c.greeting = text
	c.stamp = findStamp(text)
	return nil
}

// unexpected is an error of the dialogue.
func unexpected(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrProtocol}, args...)...)
}
