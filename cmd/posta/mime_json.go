package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"posta/mimetool"
	"posta/mimetool/stream"
)

func newMimeJSONCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "json",
		Usage:     "print messages as JSON, an object each: fields, addresses, parts",
		ArgsUsage: "[MSG...]",
		Flags: append(mimeInputFlags(),
			&cli.BoolFlag{Name: "text", Usage: "with the text that there is to read"},
			&cli.BoolFlag{Name: "hash", Usage: "with the SHA-256 of each part's content"},
			&cli.StringFlag{Name: "charset", Usage: "of what is not UTF-8, instead of what is declared or found out"},
		),
		Action: func(c *cli.Context) error { return runMimeJSON(c, e) },
	}
}

func runMimeJSON(c *cli.Context, e *env) error {
	in, err := newMimeInput(c, e, c.Args().Slice())
	if err != nil {
		return err
	}
	text, sum := c.Bool("text"), c.Bool("hash")
	words := mimetool.WordOptions{Override: c.String("charset")}
	newJob := func() messageJob {
		j := &jsonJob{text: text, hash: sum, words: words, limits: in.limits, walker: mimetool.NewWalker(strings.NewReader(""), in.limits)}
		j.walker.Words = words
		return j
	}
	if text {
		return eachInTurn(c.Context, e, in, newJob())
	}
	return eachMessage(c.Context, e, in, newJob)
}

// jsonMessage is what mime json prints of a message. posta-mime(1) describes it.
type jsonMessage struct {
	File      string   `json:"file,omitempty"`
	Message   int      `json:"message"`
	Size      int64    `json:"size"`
	Subject   string   `json:"subject,omitempty"`
	Date      string   `json:"date,omitempty"`
	MessageID string   `json:"message_id,omitempty"`
	InReplyTo []string `json:"in_reply_to,omitempty"`
	Refs      []string `json:"references,omitempty"`
	Text      *string  `json:"text,omitempty"`
	Truncated bool     `json:"truncated,omitempty"`

	lists  [len(addressLists)][]mimetool.Address
	header chunked[headerField] // printed as "header"
	parts  chunked[jsonPart]    // printed as "parts"
}

// addressLists are the fields that are printed as lists of addresses too; "-" becomes "_".
var addressLists = [...]string{"from", "sender", "reply-to", "to", "cc", "bcc"}

// firstDestination is the first of those of which several in a message count as one (RFC 5322 §4.5.3). Of the others
// the first counts.
const firstDestination = 3

// print writes the object piece by piece: there may be very many parts.
func (o *jsonMessage) print(out *output) error {
	w, err := out.object(o)
	if err != nil {
		return err
	}
	for i, list := range o.lists {
		if len(list) == 0 {
			continue
		}
		w.list(strings.ReplaceAll(addressLists[i], "-", "_"))
		for _, a := range list {
			w.element(a)
		}
		w.endList()
	}
	w.list("header")
	for i := range o.header.len() {
		w.field(*o.header.at(i))
	}
	w.endList()
	w.list("parts")
	for i := range o.parts.len() {
		w.element(o.parts.at(i))
	}
	w.endList()
	return w.end()
}

// jsonPart is a part of it. Size is that of the content without its encoding; of a container that of its octets.
type jsonPart struct {
	Number      string            `json:"part"`
	Type        string            `json:"type"`
	Params      map[string]string `json:"params,omitempty"`
	Encoding    string            `json:"encoding,omitempty"`
	Size        int64             `json:"size"`
	SHA256      string            `json:"sha256,omitempty"`
	Disposition string            `json:"disposition,omitempty"`
	Name        string            `json:"name,omitempty"`
	ContentID   string            `json:"content_id,omitempty"`
	Description string            `json:"description,omitempty"`
	Defects     []mimetool.Defect `json:"defects,omitempty"`
}

type jsonJob struct {
	text, hash bool
	words      mimetool.WordOptions
	limits     mimetool.Limits
	walker     *mimetool.Walker
	buf        []byte
}

func (j *jsonJob) message(m *stream.Message, out *output) (negative bool, err error) {
	o := jsonMessage{File: m.Name, Message: m.Index}
	var r io.Reader = m
	var again *rereader
	if j.text {
		if again, err = newRereader(m); err != nil {
			return false, err
		}
		defer again.Close()
		r = again
	}
	err = j.walk(r, &o)
	if err == nil && j.text {
		if err = again.rewind(); err == nil {
			var text string
			text, o.Truncated, _, err = textOf(again, mimetool.TextOptions{Charset: j.words.Override, Limits: j.limits})
			o.Text = &text
		}
	}
	if err != nil && o.parts.len() == 0 {
		return false, err
	}
	if writeErr := o.print(out); writeErr != nil {
		return false, writeErr
	}
	return false, err
}

func (j *jsonJob) walk(r io.Reader, o *jsonMessage) error {
	j.walker.Reset(r)
	for {
		p, err := j.walker.Next()
		for _, x := range j.walker.Closed() {
			part := o.parts.at(x.Part)
			if part.Size < 0 {
				part.Size = x.Size()
			}
			part.Defects = append(part.Defects, x.Defects...)
		}
		o.Size = j.walker.Offset()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if p.Parent < 0 {
			j.fields(p, o)
		}
		part, err := j.part(p)
		o.parts.add(part)
		if err != nil {
			return err
		}
	}
}

// part describes p. The content of a leaf is read.
func (j *jsonJob) part(p *mimetool.Part) (jsonPart, error) {
	part := jsonPart{Number: p.Number, Type: p.Type, Encoding: p.Encoding, Size: -1, Name: p.Name(), ContentID: p.ContentID(), Description: p.Description()}
	part.Disposition, _ = p.Disposition()
	part.Params = paramMap(p.Params())
	part.Defects = append(part.Defects, p.Defects...)
	if p.IsContainer() {
		return part, nil
	}
	var sum hash.Hash
	w := io.Discard
	if j.hash {
		sum = sha256.New()
		w = sum
	}
	if j.buf == nil {
		j.buf = make([]byte, 32<<10)
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{p.Decoded()}, j.buf)
	part.Size = n
	part.Defects = append(part.Defects, p.BodyDefects()...)
	if sum != nil {
		part.SHA256 = hex.EncodeToString(sum.Sum(nil))
	}
	return part, err
}

// fields fills in what the message's header says.
func (j *jsonJob) fields(p *mimetool.Part, o *jsonMessage) {
	words := j.words
	if words.Override == "" {
		words.Charset = p.Charset()
	}
	var seen [len(addressLists)]bool
	for _, f := range p.Header {
		if f.Name == "" {
			continue
		}
		text, _ := mimetool.DecodeField(f, words)
		o.header.add(headerField{Name: f.Name, Value: text})
		name := strings.ToLower(f.Name)
		if i := slices.Index(addressLists[:], name); i >= 0 && (!seen[i] || i >= firstDestination) {
			seen[i] = true
			addresses, _ := mimetool.ParseAddressList(string(f.Body()), words)
			o.lists[i] = append(o.lists[i], addresses...)
		}
		o.single(name, f, text)
	}
}

// single fills in a field that counts by its first.
func (o *jsonMessage) single(name string, f mimetool.Field, text string) {
	switch {
	case name == "subject" && o.Subject == "":
		o.Subject = text
	case name == "date" && o.Date == "":
		if t, err := mimetool.ParseDate(f.Value()); err == nil {
			o.Date = t.Format(time.RFC3339)
		}
	case name == "message-id" && o.MessageID == "":
		if ids := mimetool.MessageIDs(f.Value()); len(ids) > 0 {
			o.MessageID = ids[0]
		}
	case name == "in-reply-to" && o.InReplyTo == nil:
		o.InReplyTo = mimetool.MessageIDs(f.Value())
	case name == "references" && o.Refs == nil:
		o.Refs = mimetool.MessageIDs(f.Value())
	}
}

// textMax is how much text an object of JSON has; more is cut off and said to be.
const textMax = 8 << 20

var errTextMax = errors.New("text is long enough")

// textOf is the text of a message, at most textMax of it.
func textOf(r io.Reader, opt mimetool.TextOptions) (text string, truncated bool, defects []mimetool.Defect, err error) {
	var b cappedText
	defects, err = mimetool.Text(&b, r, opt)
	if errors.Is(err, errTextMax) {
		truncated, err = true, nil
	}
	return strings.ToValidUTF8(b.String(), ""), truncated, defects, err
}

type cappedText struct{ strings.Builder }

func (c *cappedText) Write(p []byte) (int, error) {
	if room := textMax - c.Len(); len(p) > room {
		c.Builder.Write(p[:room])
		return room, errTextMax
	}
	return c.Builder.Write(p)
}
