package pop3

import "strings"

// Language is one that the server can answer in (RFC 6856 §3).
type Language struct{ Tag, Description string }

// Languages is LANG: those that there are.
func (c *Client) Languages() (list []Language, err error) {
	err = c.multiline("LANG", func(line string) error {
		if len(list) == maxCapabilities {
			return unexpected("languages without end")
		}
		tag, description, _ := strings.Cut(line, " ")
		list = append(list, Language{tag, description})
		return nil
	})
	return list, err
}

// SetLanguage is LANG with a language tag, or "*" for the server's choice. It tells the text of the reply.
func (c *Client) SetLanguage(tag string) (string, error) {
	if strings.ContainsAny(tag, " \r\n\x00") || tag == "" {
		return "", &Error{Command: "LANG", Err: unexpected("no language tag: %q", tag)}
	}
	return c.ask("LANG " + tag)
}

// requestUTF8 is UTF8 (RFC 6856 §2.1), so that letters come as they are. Nobody needs to wait for the reply: without it,
// the server tells of each letter that it would have to change. That is Dial's, before the login.
func (c *Client) requestUTF8() error {
	if !c.caps.UTF8 {
		return nil
	}
	if !c.Pipelines() {
		_, err := c.ask("UTF8")
		return keepRefusal(err)
	}
	if err := c.send("UTF8"); err != nil {
		return err
	}
	c.owed = append(c.owed, "UTF8")
	return nil
}
