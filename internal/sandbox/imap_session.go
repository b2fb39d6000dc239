package sandbox

import (
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
)

// imapSession is what go-imap's server asks for: an account, and the folder that is selected.
type imapSession struct {
	*peer
	user    string
	account *account // nil until the login
	view    *view    // nil: none is selected
}

var (
	_ imapserver.SessionIMAP4rev2 = (*imapSession)(nil)
	_ imapserver.SessionSASL      = (*imapSession)(nil)
)

func (s *imapSession) Close() error {
	if s.view != nil {
		s.view.tracker.Close()
	}
	return nil
}

func (s *imapSession) Login(user, password string) error {
	l := &login{users: s.sb.opt.Users, done: s.loggedIn}
	return l.password(user, password)
}

// AuthenticateMechanisms is what CAPABILITY offers.
func (s *imapSession) AuthenticateMechanisms() []string { return s.mechanisms() }

func (s *imapSession) Authenticate(mech string) (sasl.Server, error) {
	server := s.mechanism(mech, s.loggedIn)
	if server == nil {
		return nil, imapNo("", "no such mechanism")
	}
	return server, nil
}

// loggedIn ends a login: what is scripted for the stage login comes first.
func (s *imapSession) loggedIn(user string, right bool) error {
	reply, err := s.misbehave("login", user)
	switch {
	case err != nil:
		return err
	case reply != "":
		return parseIMAPReply(reply)
	case !right:
		return imapserver.ErrAuthFailed
	}
	s.user, s.account = user, s.sb.accounts.open(user)
	s.account.furnish()
	return nil
}

// Select opens a folder.
func (s *imapSession) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	f, err := s.account.folder(name)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s.view = &view{folder: f, tracker: f.tracker.NewSession(), readOnly: options.ReadOnly}
	flags := f.flagsLocked()
	data := &imap.SelectData{
		Flags: flags, NumMessages: uint32(len(f.entries)), UIDNext: f.next, UIDValidity: f.validity,
	}
	if !options.ReadOnly {
		data.PermanentFlags = append(flags[:len(flags):len(flags)], imap.FlagWildcard)
	}
	for i, e := range f.entries {
		if !e.has(imap.FlagSeen) {
			data.FirstUnseenSeqNum = uint32(i) + 1
			break
		}
	}
	return data, nil
}

func (s *imapSession) Unselect() error {
	s.view.tracker.Close()
	s.view = nil
	return nil
}

func (s *imapSession) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if s.view == nil {
		return nil
	}
	return s.view.tracker.Poll(w, allowExpunge)
}

func (s *imapSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if s.view == nil {
		<-stop
		return nil
	}
	// go-imap's tracker does not look at what was queued before its Idle began, so Idle is begun again and again, each time
	// after a look at the queue.
	for {
		if err := s.view.tracker.Poll(w, true); err != nil {
			return err
		}
		round := make(chan struct{})
		go func() {
			defer close(round)
			select {
			case <-stop:
			case <-time.After(idleRound):
			}
		}()
		if err := s.view.tracker.Idle(w, round); err != nil {
			return err
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

// idleRound is how long news may wait at most that came just as Idle began.
const idleRound = 100 * time.Millisecond

// imapNo is a tagged NO.
func imapNo(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

// parseIMAPReply is a scripted reply, "NO [CODE] text", as go-imap takes it.
func parseIMAPReply(reply string) error {
	kind, text, _ := strings.Cut(strings.TrimRight(reply, "\r\n"), " ")
	e := &imap.Error{Type: imap.StatusResponseType(strings.ToUpper(kind)), Text: text}
	if rest, ok := strings.CutPrefix(text, "["); ok {
		if code, text, ok := strings.Cut(rest, "] "); ok {
			e.Code, e.Text = imap.ResponseCode(code), text
		}
	}
	return e
}
