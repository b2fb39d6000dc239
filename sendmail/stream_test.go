package sendmail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// feed gives jobs to a stream from another goroutine.
func feed(jobs ...*Job) <-chan *Job {
	ch := make(chan *Job, len(jobs))
	for _, j := range jobs {
		ch <- j
	}
	close(ch)
	return ch
}

func job(t testing.TB, n int, to ...string) *Job {
	return &Job{Envelope: &Envelope{From: fmt.Sprintf("s%d@x", n), To: To(to...)}, Letter: letter(t, fmt.Sprintf("A: %d\n\nx\n", n)), Tag: n}
}

// TestStreamTurns: a further letter costs a turn with PIPELINING alone, none with CHUNKING.
func TestStreamTurns(t *testing.T) {
	for _, test := range []struct {
		ext   []string
		turns int
	}{
		{everything, 1 + 1},
		{without("CHUNKING"), 1 + 1 + 10},
		{without("CHUNKING", "PIPELINING"), 1 + 4*10 + 0},
	} {
		s := (&server{ext: test.ext}).start(t)
		c := s.client(t, nil)
		var jobs []*Job
		for i := range 10 {
			jobs = append(jobs, job(t, i, "b@x"))
		}
		n := 0
		for o := range c.Stream(context.Background(), feed(jobs...), 0) {
			if o.Err != nil || o.Job.Tag != n {
				t.Fatal(o.Err, o.Job.Tag)
			}
			n++
		}
		if n != 10 || len(s.seen().letters) != 10 || s.seen().turns != test.turns || len(s.seen().wrong) > 0 {
			t.Errorf("%d outcomes, %d letters, %d turns, wrong %q", n, len(s.seen().letters), s.seen().turns, s.seen().wrong)
		}
		for i, l := range s.seen().letters {
			if l.from != fmt.Sprintf("s%d@x", i) || l.body != fmt.Sprintf("A: %d\r\n\r\nx\r\n", i) {
				t.Errorf("letter %d: %+v", i, l)
			}
		}
	}
}

// TestStreamRefusals: a refused letter leaves nothing behind that a later one could get into.
func TestStreamRefusals(t *testing.T) {
	for _, ext := range [][]string{everything, without("CHUNKING"), without("PIPELINING"), without("CHUNKING", "PIPELINING")} {
		s := (&server{
			ext: ext,
			on: func(line string) string {
				switch {
				case strings.HasPrefix(line, "MAIL FROM:<s3@"):
					return "550 5.7.1 not you"
				case strings.Contains(line, "<bad"):
					return "450 4.2.1 busy"
				}
				return ""
			},
			onData: func(l *caught) string {
				if l.from == "s5@x" {
					return "554 5.7.1 spam"
				}
				return ""
			},
		}).start(t)
		c := s.client(t, nil)
		jobs := []*Job{
			job(t, 0, "b@x"), job(t, 1, "bad@x"), job(t, 2, "b@x", "bad@x"), job(t, 3, "b@x"), job(t, 4, "b@x"), job(t, 5, "b@x"),
			job(t, 6, "b@x", "c@x"), job(t, 7, "b>@x"), job(t, 8, "b@x"),
		}
		jobs[6].Envelope.AllOrNothing = true
		want := map[any]Status{0: Accepted, 1: Refused, 2: Partial, 3: Refused, 4: Accepted, 5: Refused, 6: Accepted, 7: Refused, 8: Accepted}
		for o := range c.Stream(context.Background(), feed(jobs...), 0) {
			if o.Result.Status != want[o.Job.Tag] {
				t.Errorf("job %v: %s, %v", o.Job.Tag, o.Result.Status, o.Err)
			}
			delete(want, o.Job.Tag)
		}
		var got []string
		for _, l := range s.seen().letters {
			got = append(got, l.from+" "+strings.Join(l.to, ","))
		}
		if !slices.Equal(got, []string{"s0@x b@x", "s2@x b@x", "s4@x b@x", "s6@x b@x,c@x", "s8@x b@x"}) || len(want) > 0 {
			t.Errorf("%v: caught %q, no outcome for %v", ext, got, want)
		}
		pipelined := slices.Contains(ext, "PIPELINING") // then RCPT comes although MAIL was refused
		if len(s.seen().wrong) > 1 || len(s.seen().wrong) == 1 && !(pipelined && s.seen().wrong[0] == "RCPT TO:<b@x>") {
			t.Errorf("%v: out of order %q", ext, s.seen().wrong)
		}
	}
}

// TestStreamLost: when the connection goes, every letter that was taken is accounted for, and only those that were
// wholly written are in doubt.
func TestStreamLost(t *testing.T) {
	for _, ext := range [][]string{everything, without("CHUNKING"), without("CHUNKING", "PIPELINING")} {
		for _, how := range []string{"-", "421 4.3.2 closing"} {
			s := (&server{ext: ext, onData: func(l *caught) string {
				if l.from == "s4@x" {
					return how
				}
				return ""
			}}).start(t)
			c := s.client(t, func(cfg *Config) { cfg.Window = 5 })
			var jobs []*Job
			for i := range 20 {
				jobs = append(jobs, job(t, i, "b@x"))
			}
			ch := feed(jobs...)
			count := map[Status]int{}
			for o := range c.Stream(context.Background(), ch, 0) {
				count[o.Result.Status]++
				var e *Error
				if o.Result.Status != Accepted && (!errors.As(o.Err, &e) || !e.Temporary()) {
					t.Errorf("%v", o.Err)
				}
			}
			if taken := 20 - len(ch); count[Accepted] != 4 || count[Accepted]+count[Unsent]+count[InDoubt] != taken || !c.Broken() {
				t.Errorf("%v %q: %v, %d taken", ext, how, count, taken)
			}
			if how == "-" != (count[InDoubt] > 0) {
				t.Errorf("%v %q: %v", ext, how, count)
			}
			if count[InDoubt] > 5 || !slices.Contains(ext, "CHUNKING") && count[InDoubt] > 1 {
				t.Errorf("%v: more in doubt than were under way: %v", ext, count)
			}
		}
	}
}

// TestStreamLimit: a connection takes so many letters and leaves the others.
func TestStreamLimit(t *testing.T) {
	s := (&server{}).start(t)
	c := s.client(t, nil)
	ch := feed(job(t, 0, "b@x"), job(t, 1, "b@x"), job(t, 2, "b@x"))
	for range 2 {
		for o := range c.Stream(context.Background(), ch, 2) {
			if o.Err != nil {
				t.Error(o.Err)
			}
		}
	}
	if len(s.seen().letters) != 3 || len(s.seen().wrong) > 0 || c.Broken() {
		t.Errorf("%d letters, wrong %q", len(s.seen().letters), s.seen().wrong)
	}
}

// TestStreamWaitsForJobs: what was taken is sent although no more comes.
func TestStreamWaitsForJobs(t *testing.T) {
	for _, ext := range [][]string{everything, without("CHUNKING")} {
		s := (&server{ext: ext}).start(t)
		c := s.client(t, nil)
		ch := make(chan *Job)
		go func() { ch <- job(t, 0, "b@x") }()
		n := 0
		for o := range c.Stream(context.Background(), ch, 0) {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			if n++; n < 5 {
				ch <- job(t, n, "b@x")
			} else {
				close(ch)
			}
		}
		if n != 5 {
			t.Errorf("%d outcomes", n)
		}
	}
}

// TestStreamTooMany: recipients that are put off go before the next jobs, while those wait.
func TestStreamTooMany(t *testing.T) {
	for _, ext := range [][]string{everything, without("CHUNKING")} {
		n := 0
		s := (&server{ext: ext, on: func(line string) string {
			switch line[:4] {
			case "MAIL":
				n = 0
			case "RCPT":
				if n++; n > 2 {
					return "452 too many"
				}
			}
			return ""
		}}).start(t)
		c := s.client(t, nil)
		ch := make(chan *Job, 2)
		ch <- job(t, 0, "a@x", "b@x", "c@x", "d@x", "e@x")
		for o := range c.Stream(context.Background(), ch, 0) {
			if o.Err != nil || len(o.Result.Accepted) != 5 || len(o.Result.Deliveries) != 3 {
				t.Errorf("%v %+v", o.Err, o.Result)
			}
			close(ch)
		}
	}
}

// TestCancel: the end of the context ends a stream at once, whatever it waits for.
func TestCancel(t *testing.T) {
	for _, at := range []string{"MAIL", "DATA", "end", "job"} {
		ctx, cancel := context.WithCancel(context.Background())
		stall := make(chan bool)
		s := &server{ext: without("CHUNKING")}
		s.on = func(line string) string {
			if strings.HasPrefix(line, at) {
				cancel()
				<-stall
			}
			return ""
		}
		s.onData = func(*caught) string {
			if at == "end" {
				cancel()
				<-stall
			}
			return ""
		}
		s.start(t)
		c := s.client(t, nil)
		ch := make(chan *Job, 1)
		if at == "job" {
			time.AfterFunc(time.Millisecond, cancel)
		} else {
			ch <- job(t, 0, "b@x")
		}
		n := 0
		for o := range c.Stream(ctx, ch, 0) {
			n++
			if !errors.Is(o.Err, context.Canceled) || (o.Result.Status == InDoubt) != (at == "end") {
				t.Errorf("%s: %v %s", at, o.Err, o.Result.Status)
			}
		}
		if (n == 1) == (at == "job") {
			t.Errorf("%s: %d outcomes", at, n)
		}
		close(stall)
		if !c.Broken() {
			t.Errorf("%s: not broken", at)
		}
	}
}

// TestBreakOff: who stops ranging drops the connection; nothing hangs.
func TestBreakOff(t *testing.T) {
	s := (&server{}).start(t)
	c := s.client(t, nil)
	for range c.Stream(context.Background(), feed(job(t, 0, "b@x"), job(t, 1, "b@x")), 0) {
		break
	}
	if !c.Broken() {
		t.Error("not broken")
	}
}

// TestChangedFile: a letter whose file changed is not delivered, those before it are.
func TestChangedFile(t *testing.T) {
	for _, ext := range [][]string{everything, without("CHUNKING"), without("CHUNKING", "PIPELINING")} {
		s := (&server{ext: ext}).start(t)
		c := s.client(t, nil)
		l, f := inFile(t, "A: b\n\n"+strings.Repeat("0123456789\n", 50000))
		if err := os.Truncate(f.Name(), 300000); err != nil {
			t.Fatal(err)
		}
		jobs := []*Job{job(t, 0, "b@x"), job(t, 1, "b@x"), {Envelope: &Envelope{To: To("b@x")}, Letter: l, Tag: 2}}
		n := 0
		for o := range c.Stream(context.Background(), feed(jobs...), 0) {
			n++
			if changed := errors.Is(o.Err, ErrLetterChanged); changed != (o.Job.Tag == 2) {
				t.Errorf("job %v: %v", o.Job.Tag, o.Err)
			}
		}
		if n != 3 || len(s.seen().letters) != 2 || !c.Broken() {
			t.Errorf("%v: %d outcomes, %d letters", ext, n, len(s.seen().letters))
		}
	}
}
