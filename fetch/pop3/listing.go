package pop3

import (
	"errors"
	"strconv"
	"strings"
)

const (
	maxLetters   = 1 << 19  // in a mailbox
	maxUIDOctets = 24 << 20 // of all unique-ids together
	maxUID       = 255      // RFC 1939 §7 says 70
)

// Letter is one in the mailbox, as the listing tells.
type Letter struct {
	Number int    // in this session
	Size   int64  // octets, as announced; -1 unknown
	UID    string // unique-id; "" unknown
}

// Letters lists the mailbox: numbers, sizes and unique-ids, by LIST and UIDL in one turn where the server pipelines. A server
// without UIDL gives no unique-ids; uidl is false then.
func (c *Client) Letters() (letters []Letter, uidl bool, err error) {
	if !c.Pipelines() {
		if letters, err = c.List(); err != nil {
			return nil, false, err
		}
		if err := c.send("UIDL"); err != nil {
			return nil, false, err
		}
		err = c.readUIDs(newNaming(letters).name)
		return letters, err == nil, keepRefusal(err)
	}
	if err := c.send("LIST\r\nUIDL"); err != nil {
		return nil, false, err
	}
	letters, err = c.readList()
	if keepRefusal(err) != nil {
		return nil, false, err
	}
	uidlErr := c.readUIDs(newNaming(letters).name)
	if err != nil {
		return nil, false, err
	}
	return letters, uidlErr == nil, keepRefusal(uidlErr)
}

// keepRefusal is nil for a refusal.
func keepRefusal(err error) error {
	var refused *Error
	if errors.As(err, &refused) && refused.Refused() {
		return nil
	}
	return err
}

// naming gives letters their unique-ids. Both lists usually have the same numbers in the same order.
type naming struct {
	letters []Letter
	next    int
	index   map[int]int // by number, when they have not
}

func newNaming(letters []Letter) *naming { return &naming{letters: letters} }

func (n *naming) name(number int, uid string) {
	if n.index == nil && n.next < len(n.letters) && n.letters[n.next].Number == number {
		n.letters[n.next].UID = uid
		n.next++
		return
	}
	if n.index == nil {
		n.index = make(map[int]int, len(n.letters))
		for i := range n.letters {
			n.index[n.letters[i].Number] = i
		}
	}
	if i, ok := n.index[number]; ok {
		n.letters[i].UID = uid
	}
}

// Stat is STAT: how many letters there are, and their octets.
func (c *Client) Stat() (n int, size int64, err error) {
	text, err := c.ask("STAT")
	if err != nil {
		return 0, 0, err
	}
	number, rest := cutNumber(text)
	octets, _ := cutNumber(rest)
	if number < 0 || octets < 0 || number > maxLetters {
		return 0, 0, c.fail("STAT", unexpected("it said %.80q", text))
	}
	return int(number), octets, nil
}

// List is LIST: numbers and sizes.
func (c *Client) List() ([]Letter, error) {
	if err := c.send("LIST"); err != nil {
		return nil, err
	}
	return c.readList()
}

func (c *Client) readList() (list []Letter, err error) {
	err = c.readLines("LIST", func(line string) error {
		n, rest, err := listed(line, len(list))
		if err != nil {
			return err
		}
		size, _ := cutNumber(rest)
		list = append(list, Letter{Number: n, Size: size})
		return nil
	})
	return list, err
}

// UIDL is UIDL: numbers and unique-ids.
func (c *Client) UIDL() (list []Letter, err error) {
	if err := c.send("UIDL"); err != nil {
		return nil, err
	}
	err = c.readUIDs(func(number int, uid string) {
		list = append(list, Letter{Number: number, Size: -1, UID: uid})
	})
	return list, err
}

// readUIDs reads the reply to UIDL.
func (c *Client) readUIDs(each func(number int, uid string)) error {
	octets, lines := 0, 0
	return c.readLines("UIDL", func(line string) error {
		n, rest, err := listed(line, lines)
		uid := strings.TrimSpace(rest)
		lines++
		octets += len(uid)
		switch {
		case err != nil:
			return err
		case len(uid) > maxUID || octets > maxUIDOctets:
			return unexpected("unique-ids too long")
		}
		each(n, strings.Clone(uid)) // without the rest of the line
		return nil
	})
}

// listed takes a letter's number from a line of a listing.
func listed(line string, before int) (n int, rest string, err error) {
	number, rest := cutNumber(line)
	if number < 1 || number > 1<<31-1 {
		return 0, "", unexpected("in a listing: %.80q", line)
	}
	if before >= maxLetters {
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
	if n < 0 || n > 1<<31-1 {
		return 0, c.fail("LAST", unexpected("it said %.80q", text))
	}
	return int(n), nil
}
