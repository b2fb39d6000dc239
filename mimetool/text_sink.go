package mimetool

import (
	"bytes"
	"strings"
)

// A textSink takes the text of one part. The part counts only when it has text: programs send empty alternatives.
type textSink struct {
	t          *textWriter
	part, rank int

	lead    []byte // the blanks of the line that may be the first
	begun   bool
	refused bool // another part is shown instead
	ends    int  // line ends that are kept back
}

// maxLead bounds the blanks before the first text.
const maxLead = 1 << 10

func (s *textSink) Write(b []byte) (int, error) {
	n := len(b)
	if s.refused || n == 0 {
		return n, s.t.err
	}
	if !s.begun {
		i := bytes.IndexFunc(b, notBlank)
		s.addLead(b[:max(0, i)], b, i)
		if i < 0 {
			return n, s.t.err
		}
		s.begin()
		b = b[i:]
	}
	if !s.refused {
		s.write(b)
	}
	return n, s.t.err
}

// write keeps back the line ends at the end of b: empty lines after the text are not shown.
func (s *textSink) write(b []byte) {
	text := bytes.TrimRight(b, "\n")
	if len(text) > 0 {
		for ; s.ends > 0; s.ends-- {
			s.t.write(len(s.t.frames)-1, []byte("\n"))
		}
		s.t.write(len(s.t.frames)-1, text)
	}
	s.ends += len(b) - len(text)
}

func notBlank(r rune) bool { return r != ' ' && r != '\t' && r != '\n' && r != 0xa0 && r != 0xfeff }

// addLead keeps the blanks of the last line of blank, or of all of b when there is nothing else in it.
func (s *textSink) addLead(blank, all []byte, i int) {
	if i < 0 {
		blank = all
	}
	if j := bytes.LastIndexByte(blank, '\n'); j >= 0 {
		s.lead, blank = s.lead[:0], blank[j+1:]
	}
	if len(s.lead)+len(blank) <= maxLead {
		s.lead = append(s.lead, blank...)
	}
}

// begin is called with the first text: now it is known that the part has some.
func (s *textSink) begin() {
	s.begun = true
	if !s.t.wanted(s.part, s.rank) {
		s.refused = true
		return
	}
	s.t.take(s.part, s.rank)
	if s.t.begun {
		s.t.write(len(s.t.frames)-1, []byte("\n"))
	}
	s.t.begun = true
	for i, f := range s.t.frames {
		if f.heading != "" {
			s.t.write(i, []byte(f.heading+"\n"))
			f.heading = ""
		}
	}
	s.t.write(len(s.t.frames)-1, s.lead)
}

// end ends the last line.
func (s *textSink) end() error {
	if s.begun && !s.refused {
		s.t.write(len(s.t.frames)-1, []byte("\n"))
	}
	return s.t.err
}

// messageHeading is what a reader wants to know of a message in a message.
func messageHeading(h Header, opt TextOptions) string {
	var b strings.Builder
	for _, name := range [...]string{"From", "To", "Date", "Subject"} {
		if i := h.Index(name); i >= 0 {
			text, _ := DecodeField(h[i], WordOptions{Override: opt.Charset})
			b.WriteString(name + ": " + text + "\n")
		}
	}
	return b.String()
}
