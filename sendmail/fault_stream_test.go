package sendmail_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"posta/sendmail"
)

const streamed = 12 // letters

func streamLetter(i int) string {
	return fmt.Sprintf("Subject: letter %d\r\n\r\n.a dot\r\nbody %s\r\n", i, strings.Repeat("x", i*10))
}

// streamLetters sends letters over one connection and returns their outcomes, and how many were not taken.
func (m mode) streamLetters(t *testing.T, f *faultServer) (outcomes []*sendmail.Outcome, left int) {
	t.Helper()
	f.start(t)
	defer f.stop()
	ctx, cancel := context.WithTimeout(t.Context(), hanging)
	defer cancel()
	c, err := sendmail.Dial(ctx, m.config(f))
	if err != nil {
		return nil, streamed
	}
	defer c.Close()
	jobs := make(chan *sendmail.Job, streamed)
	for i := range streamed {
		l, err := sendmail.ReadLetter(strings.NewReader(streamLetter(i)), sendmail.LetterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		env := &sendmail.Envelope{From: "from@example.org", To: sendmail.To("a@example.org", "b@example.org")}
		jobs <- &sendmail.Job{Envelope: env, Letter: l, Tag: i}
	}
	close(jobs)
	for o := range c.Stream(ctx, jobs, 0) {
		outcomes = append(outcomes, o)
	}
	if ctx.Err() != nil {
		t.Error("it hangs")
	}
	return outcomes, len(jobs)
}

// accounted fails the test unless each letter that was taken has one outcome, and it is true.
func accounted(t *testing.T, f *faultServer, outcomes []*sendmail.Outcome, left int) {
	t.Helper()
	got := map[string]map[string]bool{}
	for _, d := range f.delivered {
		if got[d.data] == nil {
			got[d.data] = map[string]bool{}
		}
		for _, to := range d.to {
			if got[d.data][to] {
				t.Errorf("%s got %.20q twice", to, d.data)
			}
			got[d.data][to] = true
		}
	}
	if len(outcomes)+left != streamed {
		t.Errorf("%d outcomes, %d letters were not taken, of %d", len(outcomes), left, streamed)
	}
	for _, o := range outcomes {
		letter := streamLetter(o.Job.Tag.(int))
		for to := range got[letter] {
			if !accepted(o, to) && !inDoubt(attempt{err: o.Err, result: o.Result}, to) {
				t.Errorf("letter %d: %s has it, outcome %v", o.Job.Tag, to, o.Err)
			}
		}
		if o.Result != nil {
			for _, r := range o.Result.Accepted {
				if !got[letter][r.Address] {
					t.Errorf("letter %d: %s has it not", o.Job.Tag, r.Address)
				}
			}
			if o.Result.Status == sendmail.Unsent && !errors.Is(o.Err, sendmail.ErrUnsent) {
				t.Errorf("letter %d: unsent, and %v", o.Job.Tag, o.Err)
			}
		}
		delete(got, letter)
	}
	for letter := range got {
		t.Errorf("delivered was %.40q, of no outcome", letter)
	}
}

func accepted(o *sendmail.Outcome, to string) bool {
	if o.Result == nil {
		return false
	}
	for _, r := range o.Result.Accepted {
		if r.Address == to {
			return true
		}
	}
	return false
}

// A connection that is lost leaves each letter accepted, surely unsent, or in doubt and named, wherever it is cut.
func TestStreamCutAnywhere(t *testing.T) {
	atOnce(t, modes, func(t *testing.T, m mode) {
		whole := m.server()
		outcomes, left := m.streamLetters(t, whole)
		accounted(t, whole, outcomes, left)
		if len(whole.delivered) != streamed {
			t.Fatalf("without a cut %d letters are delivered", len(whole.delivered))
		}
		for n := 1; n < whole.octets; n += 13 {
			for _, reset := range []bool{false, true} {
				f := m.server()
				f.cut = cut{written: n, reset: reset}
				outcomes, left := m.streamLetters(t, f)
				accounted(t, f, outcomes, left)
				if t.Failed() {
					t.Fatalf("cut after %d octets, reset %v", n, reset)
				}
			}
		}
		for n := 1; n < whole.received; n += 37 {
			f := m.server()
			f.cut = cut{read: n}
			outcomes, left := m.streamLetters(t, f)
			accounted(t, f, outcomes, left)
			if t.Failed() {
				t.Fatalf("cut after %d octets read", n)
			}
		}
	})
}

// A fault in the middle of a stream concerns one letter if it is a refusal, and else ends the connection; it never mixes up
// whose reply is whose.
func TestStreamFaultInTheMiddle(t *testing.T) {
	for name, happens := range map[string]struct {
		fault  fault
		broken bool
	}{
		"refused":      {says("554 5.7.1 no"), false},
		"not now":      {says("451 4.3.0 no"), false},
		"421":          {func(s *session, _ string) { s.say("421 4.3.2 shutting down"); s.wire.end() }, true},
		"garbage":      {says("what?"), true},
		"cut":          {func(s *session, _ string) { s.wire.end() }, true},
		"one too many": {func(s *session, u string) { s.say(u + "\n" + u) }, true},
	} {
		everyStage(t, func(t *testing.T, m mode, stage string) {
			switch stage {
			case sendmail.StageGreeting, sendmail.StageEHLO, sendmail.StageAUTH:
				return
			}
			f := m.server()
			seen := 0
			f.at[stage] = func(s *session, usual string) {
				if seen++; seen == streamed/2 {
					happens.fault(s, usual)
					return
				}
				s.say(usual)
			}
			outcomes, left := m.streamLetters(t, f)
			accounted(t, f, outcomes, left)
			if !happens.broken && (left != 0 || len(outcomes) != streamed || len(f.delivered) < streamed-1) {
				t.Errorf("%s: %d outcomes, %d delivered", name, len(outcomes), len(f.delivered))
			}
		})
	}
}

// Half a server: replies come, but nothing is read any more.
func TestStreamReaderGoesAway(t *testing.T) {
	m := modes[2]
	f := m.server()
	chunks := 0
	f.onData = func(s *session) {
		if chunks++; chunks == streamed/2 {
			s.wire.CloseRead()
			io.Copy(io.Discard, s.in)
		}
	}
	outcomes, left := m.streamLetters(t, f)
	accounted(t, f, outcomes, left)
}
