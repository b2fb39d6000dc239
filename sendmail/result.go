package sendmail

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Status is what became of a letter.
type Status string

// The statuses of a letter.
const (
	Accepted Status = "accepted" // by the server, for every recipient
	Partial  Status = "partial"  // for some recipients; the others are in Refused
	Refused  Status = "refused"  // for nobody: it was refused, or failed here before it was sent
	Unsent   Status = "unsent"   // surely not delivered: the connection ended before its turn
	InDoubt  Status = "in-doubt" // for some recipient at least: sent, and the reply never came
)

// Result is what became of a letter. Every recipient is in Accepted or in Refused.
type Result struct {
	Status     Status            `json:"status"`
	ID         string            `json:"id,omitempty"` // the server's name for the letter, of the first delivery
	Deliveries []Delivery        `json:"deliveries,omitempty"`
	Accepted   []Recipient       `json:"-"`
	Refused    []*RecipientError `json:"refused,omitempty"`
	Size       int64             `json:"size"` // octets of the letter
	Times      Times             `json:"times,omitempty"`
}

// Delivery is one positive reply to a whole letter. There are several when the server took the recipients in
// portions (452), with LMTP, and when there were several servers (package direct, which alone fills in Host and Security).
type Delivery struct {
	Host       string   `json:"host,omitempty"`
	Security   string   `json:"security,omitempty"`
	ID         string   `json:"id,omitempty"`
	Reply      string   `json:"reply"`
	Recipients []string `json:"recipients"`
}

// RecipientError is why a recipient does not get the letter.
type RecipientError struct {
	Recipient Recipient
	Err       *Error
}

// Error names the recipient and the reason.
func (e *RecipientError) Error() string {
	if e.Err.Recipient != "" {
		return e.Err.Error()
	}
	return "<" + e.Recipient.Address + ">: " + e.Err.Error()
}

// Unwrap is the *Error.
func (e *RecipientError) Unwrap() error { return e.Err }

// MarshalJSON is the *Error's, with the recipient.
func (e *RecipientError) MarshalJSON() ([]byte, error) {
	named := *e.Err
	named.Recipient = e.Recipient.Address
	return json.Marshal(&named)
}

// conclude sets the status, and returns the error of the letter: nil when some recipients were accepted and the others
// refused by the server. A temporary refusal is preferred, since the letter is worth another try then.
func (r *Result) conclude() error {
	var err *Error
	unsent := len(r.Refused) > 0
	for _, refused := range r.Refused {
		e := refused.Err
		unsent = unsent && errors.Is(e, ErrUnsent)
		if err == nil || e.InDoubt && !err.InDoubt || e.Temporary() && !err.Temporary() {
			err = e
		}
	}
	switch {
	case err == nil && len(r.Accepted) == 0: // nobody refused and nobody has it: never a success
		r.Status = InDoubt
		return &Error{Stage: StageLetter, InDoubt: true, Err: errors.New("no reply was counted")}
	case err == nil:
		r.Status = Accepted
		return nil
	case err.InDoubt:
		r.Status = InDoubt
		return err
	case unsent && len(r.Accepted) == 0:
		r.Status = Unsent
	case len(r.Accepted) == 0:
		r.Status = Refused
	default:
		r.Status = Partial
		if !errors.Is(err, ErrUnsent) {
			return nil
		}
	}
	return err
}

// Times is how long each stage took, in the order they came.
type Times []Timing

// Timing is a stage and the time from the end of the one before to its last reply.
type Timing struct {
	Stage string
	Took  time.Duration
}

// add counts to a stage.
func (t *Times) add(stage string, took time.Duration) {
	for i := range *t {
		if (*t)[i].Stage == stage {
			(*t)[i].Took += took
			return
		}
	}
	*t = append(*t, Timing{stage, took})
}

// MarshalJSON writes an object: the stages with their times in seconds.
func (t Times) MarshalJSON() ([]byte, error) {
	m := make(map[string]float64, len(t))
	for _, timing := range t {
		m[timing.Stage] = timing.Took.Round(time.Microsecond).Seconds()
	}
	return json.Marshal(m)
}

// queueID finds the name that servers give a letter in the text of their last reply: "queued as X" (Postfix and its
// kin), "id=X" (Exim), "qp X" (qmail), "X Message accepted for delivery" (Sendmail).
func queueID(text string) string {
	if before, ok := strings.CutSuffix(text, " Message accepted for delivery"); ok {
		return before
	}
	fields := strings.Fields(text)
	for i, f := range fields {
		switch {
		case strings.HasPrefix(f, "id="):
			return f[len("id="):]
		case i+1 < len(fields) && (f == "qp" || f == "as" && i > 0 && strings.EqualFold(fields[i-1], "queued")):
			return strings.Trim(fields[i+1], "<>.,;")
		}
	}
	return ""
}
