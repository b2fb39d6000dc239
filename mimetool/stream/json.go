package stream

import (
	"encoding/json"
	"time"
)

// A JSONMessage is one line of a jsonl stream, but for the message itself, which stands in one of these two:
//
//	"raw"  the message's octets in base64 (RFC 4648 §4), which is what is written
//	"eml"  the message as text, where it is UTF-8
//
// Without one of them the line is a letter to be made: "subject", "text", "html", "headers" and the addresses become
// a message with these. Addresses may have display names; From and To of the Message are the bare ones, and "bcc"
// adds to To alone. Names that are not here are passed over.
type JSONMessage struct {
	From    *string     `json:"from,omitempty"` // the envelope's sender; "" is the null sender
	To      AddressList `json:"to,omitempty"`   // the envelope's recipients
	Cc      AddressList `json:"cc,omitempty"`
	Bcc     AddressList `json:"bcc,omitempty"`
	ReplyTo AddressList `json:"reply_to,omitempty"`
	Date    *time.Time  `json:"date,omitempty"` // RFC 3339
	Name    string      `json:"name,omitempty"` // of the file that it came from
	Size    *int64      `json:"size,omitempty"` // in octets, as information

	Subject   string            `json:"subject,omitempty"`
	MessageID string            `json:"message_id,omitempty"`
	Headers   map[string]string `json:"headers,omitempty"`
}

// AddressList is in JSON a list of strings, or one string.
type AddressList []string

// UnmarshalJSON reads a list or a string.
func (l *AddressList) UnmarshalJSON(b []byte) error {
	var one string
	if string(b) == "null" {
		*l = nil
		return nil
	}
	if json.Unmarshal(b, &one) == nil {
		*l = AddressList{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

const (
	errJSON     = malformed("not a JSON object on one line")
	errTwoForms = malformed(`"raw" and "eml" exclude each other, and "text" and "html"`)
	errNoLetter = malformed(`no message: one of "raw", "eml", "subject", "text", "html" must be there`)
	errSender   = malformed(`"from" is to be one address`)
	errBase64   = malformed(`"raw" is not base64`)
	errLong     = malformed("more in one line's fields than is allowed")
)
