package pop3

import (
	"errors"
	"strconv"
	"strings"
)

// Capabilities is a server's answer to CAPA (RFC 2449 §6).
type Capabilities struct {
	Lines []string // as they came

	User           bool // USER and PASS
	UIDL           bool
	TOP            bool
	STLS           bool
	Pipelining     bool
	RespCodes      bool // RESP-CODES
	AuthRespCode   bool // AUTH-RESP-CODE
	UTF8           bool
	UTF8User       bool     // UTF8 in user names and passwords too
	Lang           bool     // LANG
	SASL           []string // mechanisms
	Expire         string   // days that letters are kept, "NEVER", "0"; "" unknown
	LoginDelay     int      // seconds between logins; 0 unknown
	Implementation string

	known bool // CAPA was answered
}

const maxCapabilities = 1000

// askCapabilities asks for them. A server older than RFC 2449 has none.
func (c *Client) askCapabilities() error {
	c.caps = &Capabilities{}
	err := c.multiline("CAPA", func(line string) error {
		if len(c.caps.Lines) == maxCapabilities {
			return unexpected("capabilities without end")
		}
		c.caps.add(line)
		return nil
	})
	var refused *Error
	if errors.As(err, &refused) && refused.Refused() {
		return nil
	}
	c.caps.known = err == nil
	return err
}

func (k *Capabilities) add(line string) {
	k.Lines = append(k.Lines, line)
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return
	}
	args := fields[1:]
	switch strings.ToUpper(fields[0]) {
	case "USER":
		k.User = true
	case "UIDL":
		k.UIDL = true
	case "TOP":
		k.TOP = true
	case "STLS":
		k.STLS = true
	case "PIPELINING":
		k.Pipelining = true
	case "RESP-CODES":
		k.RespCodes = true
	case "AUTH-RESP-CODE":
		k.AuthRespCode = true
	case "UTF8":
		k.UTF8 = true
		k.UTF8User = len(args) > 0 && strings.EqualFold(args[0], "USER")
	case "LANG":
		k.Lang = true
	case "SASL":
		k.SASL = append(k.SASL, args...)
	default:
		k.addValue(strings.ToUpper(fields[0]), args)
	}
}

// addValue adds those of which the arguments matter.
func (k *Capabilities) addValue(name string, args []string) {
	if len(args) == 0 {
		return
	}
	switch name {
	case "EXPIRE":
		k.Expire = strings.ToUpper(args[0])
	case "LOGIN-DELAY":
		if n, err := strconv.Atoi(args[0]); err == nil && n > 0 {
			k.LoginDelay = n
		}
	case "IMPLEMENTATION":
		k.Implementation = strings.Join(args, " ")
	}
}
