package main

import (
	"io"
	"strings"

	"posta/mimetool"
)

// sending is a run of posta send: what the command line says, and the connection.
type sending struct {
	env    *env
	opt    *sendOptions
	conn   *connection
	mta    *directSending // with --direct
	signer *signer

	named    recipients // on the command line
	shown    recipients // those of them that --to and --cc name
	mailto   mailto
	replyTo  []mimetool.Address
	fields   []mimetool.DraftField // of -H
	sender   *mimetool.Address     // of -f; nil without, an empty address for "<>"
	asked    asked
	composes bool
	closers  []io.Closer
}

// closeLater has f closed when all is done.
func (s *sending) closeLater(f io.Closer) { s.closers = append(s.closers, f) }

func (s *sending) closeAll() {
	for _, f := range s.closers {
		f.Close() // files that were only read
	}
}

// readArguments parses what the command line says of the letter, before anything else is done.
func (s *sending) readArguments() error {
	o := s.opt
	if err := s.readRecipients(); err != nil {
		return err
	}
	for _, text := range o.header {
		f, err := parseField(text)
		if err != nil {
			return err
		}
		s.fields = append(s.fields, f)
	}
	s.composes = o.composes() || len(s.mailto.body)+len(s.mailto.fields) > 0
	if o.subject != nil && strings.ContainsAny(*o.subject, "\r\n\x00") {
		return usageError("-s: a line end in the subject")
	}
	if err := s.readSender(); err != nil {
		return err
	}
	var err error
	if s.asked, err = readAsked(o.esmtp); err != nil {
		return err
	}
	s.asked.AllOrNothing = o.allOrNothing
	return s.checkTogether()
}

// readRecipients parses the arguments and the flags that name people.
func (s *sending) readRecipients() error {
	o, arguments := s.opt, 0
	for _, f := range []struct {
		flag  string
		texts []string
		list  *[]mimetool.Address
	}{{"", o.args, &s.named.to}, {"--to ", o.to, &s.named.to}, {"--cc ", o.cc, &s.named.cc}, {"--bcc ", o.bcc, &s.named.bcc}} {
		for _, text := range f.texts {
			if err := s.named.add(f.list, text, &s.mailto); err != nil {
				return usageError("%s%w", f.flag, err)
			}
		}
		if f.flag == "" {
			arguments = len(s.named.to)
		}
	}
	s.shown = recipients{to: s.named.to[arguments:], cc: s.named.cc}
	for _, text := range o.replyTo {
		list, err := parseMailboxes(text)
		if err != nil {
			return usageError("--reply-to %w", err)
		}
		s.replyTo = append(s.replyTo, list...)
	}
	return nil
}

// parseField reads the value of -H.
func parseField(text string) (f mimetool.DraftField, err error) {
	name, value, ok := strings.Cut(text, ":")
	if f = (mimetool.DraftField{Name: name, Value: strings.TrimSpace(value)}); !ok {
		return f, usageError("-H %q: it needs a name, a colon and a value", text)
	}
	if _, err := mimetool.EncodeField(f.Name, value, "\r\n"); err != nil {
		return f, usageError("-H %q: %w", text, err)
	}
	return f, nil
}

// readSender parses -f: one mailbox, or nothing for the null sender of RFC 5321 §4.5.5.
func (s *sending) readSender() error {
	if s.opt.from == nil {
		return nil
	}
	text := strings.TrimSpace(*s.opt.from)
	if text == "" || text == "<>" {
		s.sender = &mimetool.Address{}
		return nil
	}
	list, err := parseMailboxes(text)
	if err != nil {
		return usageError("-f %w", err)
	}
	if len(list) != 1 {
		return usageError("-f %q: there is one sender", text)
	}
	s.sender = &list[0]
	return nil
}

// checkTogether refuses flags that contradict each other.
func (s *sending) checkTogether() error {
	o := s.opt
	alone := s.composes || !s.named.none() || o.ifNonempty || len(s.replyTo) > 0
	switch {
	case o.stream != "" && alone:
		return usageError("--stream takes whole letters and their recipients from standard input; -s, --text, --html, -A, --to and the like are for one letter")
	case o.stream == "" && (o.journal != "" || o.skipInDoubt || o.jobs != 1 || o.perConnection != 0 || o.rate.count != 0):
		return usageError("--journal, --skip-in-doubt, --jobs, --per-connection and --rate go with --stream")
	case o.stream != "" && o.save != "":
		return usageError("--save is for one letter")
	case o.jobs < 1 || o.jobs > maxJobs:
		return usageError("--jobs is from 1 to %d", maxJobs)
	case o.direct && o.allOrNothing:
		return usageError("--all-or-nothing is for one server, and --direct may send to several")
	case o.direct && o.perConnection != 0:
		return usageError("--per-connection does not go with --direct, where each letter has connections of its own")
	case o.perConnection < 0:
		return usageError("--per-connection is a number of letters")
	case s.composes && s.named.none() && !fieldsName(s.fields, "To", "Cc", "Bcc"):
		return usageError("no recipient: posta send needs an address, --to, --cc or --bcc")
	}
	return nil
}

// fieldsName says whether one of the fields has one of the names.
func fieldsName(fields []mimetool.DraftField, names ...string) bool {
	for _, f := range fields {
		for _, name := range names {
			if strings.EqualFold(f.Name, name) {
				return true
			}
		}
	}
	return false
}
