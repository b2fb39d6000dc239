package sandbox

import (
	"bytes"
	"slices"
	"strings"
)

// dispatch does what is scripted for a command, and says whether the server is to see it. Match is held against the
// user and the command's words.
func (f *imapFront) dispatch(line string) (forward bool, err error) {
	tag, rest, ok := strings.Cut(line, " ")
	if !ok { // DONE, or a step of AUTHENTICATE
		return true, nil
	}
	f.behave()
	words := strings.Fields(rest)
	for i := range words {
		words[i] = strings.Trim(words[i], `"`)
	}
	stage := imapStage(words)
	f.tells = len(words) > 0 && slices.Contains([]string{"CAPABILITY", "LOGIN", "AUTHENTICATE"}, strings.ToUpper(words[0]))
	if stage == "starttls" {
		return false, f.startTLS(tag)
	}
	reply, err := f.misbehave(stage, append([]string{f.session.user}, words...)...)
	switch {
	case err != nil:
		return false, err
	case reply != "":
		return false, f.answer(tag, reply)
	case stage == "id": // RFC 2971, which go-imap's server has not
		return false, f.line("* ID (\"name\" \"posta sandbox\")\r\n" + tag + " OK ID completed")
	}
	return true, nil
}

// imapStage is a command's stage: its name, without UID; LOGIN and AUTHENTICATE have theirs when the user is known.
func imapStage(words []string) string {
	if len(words) == 0 {
		return ""
	}
	name := strings.ToLower(words[0])
	switch {
	case name == "uid" && len(words) > 1:
		return strings.ToLower(words[1])
	case name == "login":
		return ""
	case name == "examine":
		return "select"
	}
	return name
}

// answer sends a scripted reply: "NO text" gets the command's tag, what begins with * or + none.
func (f *imapFront) answer(tag, reply string) error {
	if !strings.HasPrefix(reply, "*") && !strings.HasPrefix(reply, "+") {
		reply = tag + " " + reply
	}
	if err := f.line(reply); err != nil {
		return err
	}
	if strings.HasPrefix(reply, "* BYE") {
		f.flush()
		return f.nc.Close()
	}
	return nil
}

func (f *imapFront) line(s string) error {
	if !strings.HasSuffix(s, "\n") {
		s += "\r\n"
	}
	return f.write([]byte(s))
}

// startTLS answers STARTTLS. What the client sent behind it is thrown away: it was not under TLS.
func (f *imapFront) startTLS(tag string) error {
	if f.tls != nil || f.lacks("STARTTLS") || f.session.account != nil {
		return f.line(tag + " BAD STARTTLS is not possible here")
	}
	reply, err := f.misbehave("starttls", f.remoteIP())
	switch {
	case err != nil:
		return err
	case reply != "":
		return f.answer(tag, reply)
	}
	f.upgrade = true
	return f.line(tag + " OK begin TLS")
}

// Write takes what the server writes. Capabilities are edited: go-imap offers STARTTLS by a TLS state that front keeps
// from it, ID is front's own, and some may be unwanted.
func (f *imapFront) Write(p []byte) (int, error) {
	out := p
	if !f.greeted {
		f.greeted = true
		if f.mute {
			if end := bytes.IndexByte(p, '\n'); end >= 0 {
				out = p[end+1:]
			}
		}
	}
	if err := f.write(f.capabilities(out)); err != nil {
		return 0, err
	}
	return len(p), f.flush()
}

// capabilities edits "* CAPABILITY …" and "[CAPABILITY …]", which the server writes at once.
func (f *imapFront) capabilities(p []byte) []byte {
	before, rest, ok := bytes.Cut(p, []byte("CAPABILITY "))
	if !ok || !f.tells {
		return p
	}
	end := bytes.IndexAny(rest, "]\r\n")
	if end < 0 {
		return p
	}
	caps := append(strings.Fields(string(rest[:end])), "ID")
	if f.tls == nil && f.session.account == nil {
		caps = append(caps, "STARTTLS")
	}
	caps = slices.DeleteFunc(caps, f.lacks)
	out := append(slices.Clone(before), "CAPABILITY "+strings.Join(caps, " ")...)
	return append(out, rest[end:]...)
}
