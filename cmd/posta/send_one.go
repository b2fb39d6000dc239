package main

import (
	"context"
	"errors"
	"io"

	"posta/sendmail"
)

// runOne sends the one letter on standard input.
func (s *sending) runOne(ctx context.Context) error {
	defer s.closeAll()
	in, empty, err := input(ctx, s.env.stdin)
	if err != nil {
		return err
	}
	if empty && s.opt.ifNonempty {
		return nil
	}
	letter, err := s.makeLetter(in, empty)
	if err != nil {
		return err
	}
	defer letter.Close()
	out, err := s.address(letter, envelopeHint{})
	if err != nil {
		return err
	}
	s.warnOfLines(&delivery{}, letter)
	if s.opt.dryRun {
		return s.showPlan(ctx, out)
	}
	keep, err := s.openSave(out)
	if err != nil {
		return err
	}
	defer keep.abandon()
	return s.sendOne(ctx, out, keep)
}

// makeLetter reads the letter, or makes one of text.
func (s *sending) makeLetter(in io.Reader, empty bool) (*sendmail.Letter, error) {
	if s.composes {
		return s.compose(in, empty)
	}
	l, err := readLetter(in, sendmail.LetterOptions{})
	if errors.Is(err, errNoHeader) {
		err = fail(exitDataErr, "%w. Write one and an empty line above the text (From, To, Subject...), or give -s SUBJECT or --text "+
			"and posta makes a letter of the text", err)
	}
	return l, err
}

func (s *sending) sendOne(ctx context.Context, out *outgoing, keep *keeping) error {
	cfg, err := s.config(ctx)
	if err != nil {
		return err
	}
	d := s.deliver(ctx, cfg, out)
	if len(d.Accepted) > 0 {
		if err := keep.commit(); err != nil {
			s.env.warn("the letter was sent, but not kept: %v", err)
			d.unkept = true
		}
	}
	if s.opt.json {
		if err := s.env.out.JSON(d); err != nil {
			return err
		}
	}
	err = d.report(s.env, "")
	if ctx.Err() != nil && d.Exit != exitOK {
		return silent(exitInterrupted)
	}
	return err
}

// config is how to reach the server. The password is fetched here.
func (s *sending) config(ctx context.Context) (sendmail.Config, error) {
	cred, mechanism, err := s.conn.credentials(ctx)
	return sendmail.Config{
		Dialer: s.conn.dialer, LMTP: s.conn.server.LMTP, LocalName: s.conn.account.Hello, Auth: cred, Mechanism: mechanism,
	}, err
}

// warnOfLines tells of lines that RFC 5322 §2.1.1 does not allow: they go out as they are, and may be broken on the way.
func (s *sending) warnOfLines(d *delivery, l *sendmail.Letter) {
	if l.HasLongLines() {
		s.env.warn("%sa line of %d octets; over 998 may be refused or broken on the way", d.which(), l.LongestLine())
	}
}
