package pop3

import (
	"errors"
	"strconv"
	"strings"
)

// Mailbox lists the mailbox: numbers, sizes and unique-ids, by LIST and UIDL in one turn where the server pipelines. Where it
// has more letters than are listed at a time, want says which numbers are of interest; nil: all. The caller closes the
// Mailbox.
func (c *Client) Mailbox(want func(number int) bool) (*Mailbox, error) {
	m := &Mailbox{}
	if err := c.list(m, want); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

func (c *Client) list(m *Mailbox, want func(number int) bool) error {
	say := c.send
	if c.Pipelines() {
		commands := "LIST\r\nUIDL"
		if want != nil {
			commands = "STAT\r\n" + commands
		}
		if err := c.send(commands); err != nil {
			return err
		}
		say = func(string) error { return nil } // it is said
	}
	if want != nil {
		if err := say("STAT"); err != nil {
			return err
		}
		n, _, err := c.readStat()
		if keepRefusal(err) != nil {
			return err
		}
		if err == nil && n <= maxLetters {
			want = nil // all have room, and so it is known which unique-ids stand twice
		}
	}
	if err := say("LIST"); err != nil {
		return err
	}
	listErr := c.readList(m, want)
	if keepRefusal(listErr) != nil {
		return listErr
	}
	if err := say("UIDL"); err != nil {
		return err
	}
	uidErr := c.readUIDs(m)
	if m.hasUIDs = uidErr == nil; keepRefusal(uidErr) != nil {
		return uidErr
	}
	return listErr
}

// keepRefusal is nil for a refusal.
func keepRefusal(err error) error {
	var refused *Error
	if errors.As(err, &refused) && refused.Refused() {
		return nil
	}
	return err
}

// Stat is STAT: how many letters there are, and their octets.
func (c *Client) Stat() (n int, size int64, err error) {
	if err := c.send("STAT"); err != nil {
		return 0, 0, err
	}
	return c.readStat()
}

func (c *Client) readStat() (n int, size int64, err error) {
	text, err := c.reply("STAT")
	if err != nil {
		return 0, 0, err
	}
	number, rest := cutNumber(text)
	octets, _ := cutNumber(rest)
	if number < 0 || octets < 0 || number > maxNumber {
		return 0, 0, c.fail("STAT", unexpected("it said %.80q", text))
	}
	return int(number), octets, nil
}

// readList reads the reply to LIST.
func (c *Client) readList(m *Mailbox, want func(number int) bool) error {
	lines := 0
	return c.readLines("LIST", func(line string) error {
		n, rest, err := listed(line, &lines)
		if err != nil {
			return err
		}
		if want != nil && !want(n) {
			m.partial = true
			return nil
		}
		size, _ := cutNumber(rest)
		return m.add(n, size)
	})
}

// readUIDs reads the reply to UIDL.
func (c *Client) readUIDs(m *Mailbox) error {
	lines, next := 0, 0
	return c.readLines("UIDL", func(line string) error {
		n, rest, err := listed(line, &lines)
		uid := strings.TrimSpace(rest)
		switch {
		case err != nil:
			return err
		case len(uid) > maxUID:
			return unexpected("a unique-id too long")
		}
		next, err = m.name(next, n, uid)
		return err
	})
}

const (
	maxNumber = 1<<31 - 1
	maxListed = 1 << 24 // lines, whether anybody wants them or not
)

// listed takes a letter's number from a line of a listing.
func listed(line string, lines *int) (n int, rest string, err error) {
	number, rest := cutNumber(line)
	if number < 1 || number > maxNumber {
		return 0, "", unexpected("in a listing: %.80q", line)
	}
	if *lines++; *lines > maxListed {
		return 0, "", unexpected("a listing without end")
	}
	return int(number), rest, nil
}

// cutNumber takes a number from the beginning of s; -1: there is none.
func cutNumber(s string) (int64, string) {
	word, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < 0 {
		return -1, rest
	}
	return n, rest
}

// Last is LAST of RFC 1460 §3: the highest number that was ever accessed. Few servers have it.
func (c *Client) Last() (int, error) {
	text, err := c.ask("LAST")
	if err != nil {
		return 0, err
	}
	n, _ := cutNumber(text)
	if n < 0 || n > maxNumber {
		return 0, c.fail("LAST", unexpected("it said %.80q", text))
	}
	return int(n), nil
}
