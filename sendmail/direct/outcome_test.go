package direct

import (
	"encoding/json"
	"testing"

	"posta/sendmail"
)

func TestOutcomeJSON(t *testing.T) {
	to := sendmail.Recipient{Address: "a@example.org"}
	for _, c := range []struct {
		outcome Outcome
		want    string
	}{
		{Outcome{Recipient: to, Host: "mx.test", Security: DANE, ID: "1", Reply: "250 ok"}, `{"recipient":"a@example.org","status":"accepted","host":"mx.test","security":"dane","id":"1","reply":"250 ok"}`},
		{Outcome{Recipient: to, Err: ErrLoop}, `{"recipient":"a@example.org","status":"refused","error":"` + ErrLoop.Error() + `"}`},
		{Outcome{Recipient: to, Err: ErrNoHost}, `{"recipient":"a@example.org","status":"later","error":"` + ErrNoHost.Error() + `"}`},
	} {
		if got, err := json.Marshal(c.outcome); err != nil || string(got) != c.want {
			t.Errorf("got %s, %v, want %s", got, err, c.want)
		}
	}
}
