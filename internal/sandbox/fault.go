package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Fault is a scripted misbehaviour: what the sandbox does at a stage of the dialogue, for whom, and how many times.
// Delay and Drip go with each other action and alone; without any action but these the dialogue then goes on as usual.
type Fault struct {
	Protocol string   `json:"protocol"`            // "smtp" (with smtps and lmtp), "pop3", "imap" or "dns"; default "smtp"
	Stage    string   `json:"stage"`               // see Stages
	Match    string   `json:"match,omitempty"`     // glob for the stage's subject, as in Match.To; "": all
	Times    int      `json:"times,omitempty"`     // how often it strikes; 0: until it is cleared
	Reply    string   `json:"reply,omitempty"`     // what is answered, instead: "451 4.7.1 greylisted", lines by "\r\n"
	Drop     bool     `json:"drop,omitempty"`      // the connection is closed
	Stall    bool     `json:"stall,omitempty"`     // nothing more happens on the connection
	Delay    Duration `json:"delay,omitempty"`     // before anything else
	Drip     Duration `json:"drip,omitempty"`      // pause after every octet of the reply; at body: every KiB read
	CutAfter int64    `json:"cut_after,omitempty"` // the connection is closed after that many octets: of the letter (SMTP, at body), of the answer (POP3, IMAP4)
	Without  []string `json:"without,omitempty"`   // at ehlo, capa, capability: what is not offered
	Struck   int      `json:"struck"`              // how often it has struck
}

// Duration is a time.Duration that reads "1.5s" in JSON.
type Duration time.Duration

func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// Stages are the stages of a protocol's dialogue at which a Fault can strike, and whom Match is held against there.
//
// In SMTP: connect, tls (the handshake), starttls, quit: the client's IP address; ehlo: its name; auth: the user;
// mail: the sender; rcpt: the recipient; data (DATA or the first BDAT), body (while the letter comes), end (when it is
// all there): the sender or any recipient. A reply at end that is not 2xx means that the letter is not kept; drop and
// stall there come after it has been.
//
// In POP3 and IMAP4: connect, tls, login (the end of PASS, APOP, AUTH, LOGIN, AUTHENTICATE): the user; and commands by
// their names (UID FETCH is fetch, EXAMINE is select): the user, or any word of the command, a folder or a number.
//
// In DNS query: the name; a reply is a response code (SERVFAIL), or TRUNCATED, from which TCP is spared, or INSECURE: the
// true answer, but not validated.
func Stages(protocol string) []string {
	switch protocol {
	case "smtp":
		return []string{"connect", "tls", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "end", "quit"}
	case "pop3":
		return []string{
			"connect", "tls", "capa", "stls", "login", "stat", "list", "uidl", "retr", "top", "dele", "noop", "rset", "quit",
		}
	case "imap":
		return []string{
			"connect", "tls", "capability", "starttls", "login", "list", "select", "status", "search", "fetch", "store",
			"append", "copy", "move", "expunge", "close", "create", "delete", "rename", "idle", "noop", "logout",
		}
	case "dns":
		return []string{"query"}
	}
	return nil
}

// check completes f, or says what is wrong with it.
func (f *Fault) check() error {
	if f.Protocol == "" {
		f.Protocol = "smtp"
	}
	stages := Stages(f.Protocol)
	switch {
	case stages == nil:
		return fmt.Errorf("no faults for protocol %q (there are smtp, pop3, imap, dns)", f.Protocol)
	case !slices.Contains(stages, f.Stage):
		return fmt.Errorf("no stage %q in %s (there are %s)", f.Stage, f.Protocol, strings.Join(stages, ", "))
	case f.Times < 0 || f.Delay < 0 || f.Drip < 0 || f.CutAfter < 0:
		return fmt.Errorf("a fault's numbers are not negative")
	case f.Reply == "" && !f.Drop && !f.Stall && f.Delay == 0 && f.Drip == 0 && f.CutAfter == 0 && len(f.Without) == 0:
		return fmt.Errorf("a fault needs something to do: a reply, drop, stall, …")
	case f.Reply != "" && (f.Stage == "body" || f.Stage == "tls"):
		return fmt.Errorf("there is no reply at stage %s", f.Stage)
	}
	return f.checkProtocol()
}

// checkProtocol says what a fault asks for that its protocol, or stage, does not have.
func (f *Fault) checkProtocol() error {
	switch {
	case f.CutAfter != 0 && (f.Protocol == "smtp" && f.Stage != "body" || f.Protocol == "dns"):
		return fmt.Errorf("cutting the letter belongs to stage body, not %s", f.Stage)
	case len(f.Without) > 0 && f.Stage != "ehlo" && f.Stage != "capa" && f.Stage != "capability":
		return fmt.Errorf("capabilities are left out at stage ehlo, capa or capability, not %s", f.Stage)
	case f.Protocol == "dns" && f.Drip != 0:
		return fmt.Errorf("a DNS answer does not drip")
	case f.Protocol == "dns" && f.Reply != "" && !dnsReply(f.Reply):
		return fmt.Errorf("no DNS response code %q (there are SERVFAIL, NXDOMAIN, REFUSED, TRUNCATED, INSECURE and others)", f.Reply)
	}
	return nil
}

// dnsReply says whether a name is a response code, or one of ours.
func dnsReply(name string) bool {
	_, known := dns.StringToRcode[strings.ToUpper(name)]
	return known || strings.EqualFold(name, "TRUNCATED") || strings.EqualFold(name, "INSECURE")
}

// faults is what is scripted. It is safe for concurrent use.
type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// Fail adds a fault. Of several that fit, the one added first strikes until its times are over.
func (s *Sandbox) Fail(f Fault) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	f.Struck = 0
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, &f)
	return nil
}

// Faults is what is scripted, those that are over too.
func (s *Sandbox) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := make([]Fault, len(s.faults.list))
	for i, f := range s.faults.list {
		list[i] = *f
	}
	return list
}

// ClearFaults removes all faults.
func (s *Sandbox) ClearFaults() { s.faults.clear() }

func (fs *faults) clear() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.list = nil
}

// strike is the fault that strikes now, nil when none does. Subjects are what Match is held against.
func (fs *faults) strike(protocol, stage string, subjects ...string) *Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.list {
		if f.Protocol != protocol || f.Stage != stage || f.Times > 0 && f.Struck >= f.Times {
			continue
		}
		if f.Match == "" || anyAddress(f.Match, subjects) {
			f.Struck++
			found := *f
			return &found
		}
	}
	return nil
}

// refusal says whether a reply refuses.
func refusal(reply string) bool { return reply != "" && reply[0] != '2' }

// refuses says whether the fault's reply refuses; nil does not.
func (f *Fault) refuses() bool { return f != nil && refusal(f.Reply) }
