package main

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"posta/fetch/pop3"
	"posta/fetch/query"
	"posta/mimetool"
)

// judge judges a letter that comes in. Err says why it cannot be judged, and broken why nothing can be any more.
func (p *popSearch) judge(m *pop3.Message, whole bool) (v query.Verdict, err, broken error) {
	in := &watchedReader{r: m}
	p.walker.Reset(in)
	first, err := p.walker.Next()
	if in.err != nil {
		return query.No, nil, in.err
	}
	if err != nil {
		return query.No, fmt.Errorf("its header cannot be read: %w", err), nil
	}
	msg := &query.Message{Size: m.Size, Header: decodedFields(first.Header, first.Charset())}
	msg.Arrived, msg.Sent = arrived(first.Header), dateOf(first.Header.Get("Date"))
	if v = p.query.Judge(msg); v != query.Unknown || !whole {
		return v, nil, nil
	}
	if p.finder != nil {
		p.read(first)
		msg.Body = p.finder
	}
	if io.Copy(io.Discard, in); in.err != nil {
		return query.No, nil, in.err
	}
	msg.Size = in.n // where LIST did not tell
	return p.query.Judge(msg), nil, nil
}

// read gives the finder the texts of a message, from its first part on.
func (p *popSearch) read(part *mimetool.Part) {
	p.finder.Reset()
	for err := error(nil); err == nil && !p.finder.All(); part, err = p.walker.Next() {
		if part.Parent >= 0 {
			for name, value := range decodedFields(part.Header, part.Charset()) {
				p.finder.Field(name, value)
			}
		}
		if part.IsContainer() || !strings.HasPrefix(part.Type, "text/") && !strings.HasPrefix(part.Type, "message/") {
			continue
		}
		io.Copy(p.finder, partText(part)) // what cannot be decoded has no text; the connection's errors are the judge's
		p.finder.End()
	}
}

// partText is the text of a part in UTF-8. Where no charset is declared, or one that nobody knows, it is guessed.
func partText(part *mimetool.Part) io.Reader {
	content := bufio.NewReaderSize(part.Decoded(), 4<<10)
	if text, err := mimetool.NewCharsetReader(part.Charset(), content); err == nil && part.Charset() != "" {
		return text
	}
	begin, _ := content.Peek(4 << 10)
	text, err := mimetool.NewCharsetReader(mimetool.DetectCharset(begin), content)
	if err != nil {
		return content
	}
	return text
}

// decodedFields are the fields of a header as they are read.
func decodedFields(h mimetool.Header, charset string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, f := range h {
			value, _ := mimetool.DecodeField(f, mimetool.WordOptions{Charset: charset})
			if !yield(f.Name, value) {
				return
			}
		}
	}
}

// arrived is when a letter arrived, for POP3 does not tell: what the last server wrote into its Received field (RFC 5321 §4.4),
// or else when it was sent.
func arrived(h mimetool.Header) time.Time {
	received := h.Get("Received")
	if i := strings.LastIndexByte(received, ';'); i >= 0 {
		if at := dateOf(received[i+1:]); !at.IsZero() {
			return at
		}
	}
	return dateOf(h.Get("Date"))
}

// dateOf reads a date; the zero time: it is none.
func dateOf(text string) time.Time {
	at, err := mimetool.ParseDate(text)
	if err != nil {
		return time.Time{}
	}
	return at
}
