package direct

import "encoding/json"

// MarshalJSON writes an outcome as an object: recipient, status (accepted, later or refused), host, security, id, reply,
// error.
func (o Outcome) MarshalJSON() ([]byte, error) {
	status, cause := "accepted", ""
	if o.Err != nil {
		status, cause = "refused", o.Err.Error()
		if o.Temporary() {
			status = "later"
		}
	}
	return json.Marshal(struct {
		Recipient string   `json:"recipient"`
		Status    string   `json:"status"`
		Host      string   `json:"host,omitempty"`
		Security  Security `json:"security,omitempty"`
		ID        string   `json:"id,omitempty"`
		Reply     string   `json:"reply,omitempty"`
		Error     string   `json:"error,omitempty"`
	}{o.Recipient.Address, status, o.Host, o.Security, o.ID, o.Reply, cause})
}
