package sendmail

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// say answers; what is answered goes out when nothing more is to be read (RFC 2920 §3.2).
func (c *session) say(reply string) {
	c.w.WriteString(strings.ReplaceAll(reply, "\n", "\r\n") + "\r\n")
	if c.r.Buffered() == 0 {
		c.w.Flush()
	}
}

func (c *session) command(line string) bool {
	reply := ""
	if c.on != nil {
		reply = c.on(line)
	}
	verb, arg, _ := strings.Cut(line, " ")
	switch {
	case reply == "-":
		return false
	case reply != "" && !strings.HasPrefix(verb, "BDAT"):
		c.say(reply)
		return !strings.HasPrefix(reply, "421")
	}
	switch strings.ToUpper(verb) {
	case "EHLO", "LHLO":
		c.sayHello(verb)
	case "HELO", "NOOP":
		c.say("250 ok")
	case "STARTTLS":
		return c.startTLS()
	case "AUTH":
		return c.authenticate(arg)
	case "MAIL":
		c.mailFrom(line)
	case "RCPT":
		if !c.open {
			c.disorder(line)
			break
		}
		c.to = append(c.to, between(line))
		c.say("250 2.1.5 ok")
	case "RSET":
		c.reset()
		c.say("250 reset")
	case "DATA":
		return c.data(line)
	case "BDAT":
		return c.bdat(arg, reply)
	case "QUIT":
		c.say("221 bye")
		c.w.Flush()
		io.Copy(io.Discard, c.nc)
		return false
	default:
		c.say("500 what?")
	}
	return true
}

func (c *session) disorder(line string) {
	c.mu.Lock()
	c.wrong = append(c.wrong, line)
	c.mu.Unlock()
	c.say("503 5.5.1 out of order")
}

func (c *session) reset() {
	c.open, c.to = false, nil
	c.chunks.Reset()
}

func (c *session) sayHello(verb string) {
	if (verb == "LHLO") != c.lmtp {
		c.say("500 5.5.1 other protocol")
		return
	}
	c.hello = true
	c.reset()
	ext := slices.Clone(c.ext)
	if c.tls != nil && !c.secure {
		ext = append(ext, "STARTTLS")
	} else if c.auth != "" {
		ext = append(ext, "AUTH "+c.auth)
	}
	text := "250-test greets you"
	for _, e := range ext {
		text += "\n250-" + e
	}
	i := strings.LastIndex(text, "250-")
	c.say(text[:i] + "250 " + text[i+4:])
}

func (c *session) startTLS() bool {
	c.say("220 go")
	c.w.Flush()
	t := tls.Server(c.nc, c.tls)
	if t.Handshake() != nil {
		return false
	}
	c.secure, c.hello = true, false
	c.r, c.w = bufio.NewReaderSize(t, 64<<10), bufio.NewWriterSize(t, 64<<10)
	return true
}

// authenticate takes any PLAIN and LOGIN whose password is "secret".
func (c *session) authenticate(arg string) bool {
	mech, initial, given := strings.Cut(arg, " ")
	answer := func(challenge string) string {
		c.say("334 " + base64.StdEncoding.EncodeToString([]byte(challenge)))
		c.w.Flush()
		line, _ := c.r.ReadString('\n')
		return strings.TrimSpace(line)
	}
	if !given && mech == "PLAIN" {
		initial = answer("")
	}
	if mech == "LOGIN" {
		answer("Username:")
		initial = answer("Password:")
	}
	decoded, _ := base64.StdEncoding.DecodeString(initial)
	if strings.HasSuffix(string(decoded), "secret") {
		c.say("235 2.7.0 welcome")
		return true
	}
	c.say("535 5.7.8 no")
	return true
}

func (c *session) mailFrom(line string) {
	if c.open || !c.hello {
		c.disorder(line)
		return
	}
	c.open, c.mail, c.from = true, line, between(line)
	c.say("250 2.1.0 ok")
}

func between(line string) string {
	_, after, _ := strings.Cut(line, "<")
	i := strings.LastIndex(after, ">")
	if i < 0 {
		return ""
	}
	before, _, _ := strings.Cut(after[:i], "> ")
	return before
}

func (c *session) data(line string) bool {
	if !c.open || len(c.to) == 0 {
		c.say("554 5.5.1 no valid recipients")
		return true
	}
	c.say("354 go ahead")
	c.w.Flush()
	var body strings.Builder
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			return c.take(body.String(), false, "")
		}
		body.WriteString(strings.TrimPrefix(line, "."))
	}
}

func (c *session) bdat(arg, reply string) bool {
	size, last, _ := strings.Cut(arg, " ")
	n, _ := strconv.ParseInt(size, 10, 64)
	if _, err := io.CopyN(&c.chunks, c.r, n); err != nil {
		return false
	}
	switch {
	case reply != "":
		c.say(reply)
	case !c.open || len(c.to) == 0:
		c.say("554 5.5.1 no valid recipients")
	case last == "LAST":
		return c.take(c.chunks.String(), true, "")
	default:
		c.say("250 chunk")
	}
	return true
}

// take takes a letter, and answers for each recipient with LMTP.
func (c *session) take(body string, bdat bool, reply string) bool {
	l := &caught{from: c.from, to: c.to, body: body, bdat: bdat, mail: c.mail}
	c.reset()
	if c.onData != nil {
		reply = c.onData(l)
	}
	if reply == "-" {
		return false
	}
	if reply == "" || strings.HasPrefix(reply, "2") {
		c.mu.Lock()
		c.letters = append(c.letters, l)
		c.mu.Unlock()
	}
	if reply == "" {
		reply = "250 2.0.0 Ok: queued as " + fmt.Sprintf("Q%d", len(c.letters))
		for i := 1; c.lmtp && i < len(l.to); i++ {
			reply += "\n250 2.0.0 and another"
		}
	}
	c.say(reply)
	return !strings.HasPrefix(reply, "421")
}
