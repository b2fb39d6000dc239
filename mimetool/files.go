package mimetool

import (
	"io"
	"iter"
	"slices"
	"strings"
)

// FileOptions says which files of a message are wanted.
type FileOptions struct {
	All    bool        // every leaf, not only those that have a name or are marked as attachments
	Words  WordOptions // for names and descriptions
	Limits Limits
	Number string // of the part that is read instead of a message, see Walker.Number
}

// A File is one that a message carries: a part, or what stands in one by an encoding of its own, such as a uuencoded
// block in a text. It is valid until the iteration goes on.
type File struct {
	Entry
	// Body is the file's content, decoded. What is not read of it is passed over.
	Body io.Reader

	defects   func() []Defect
	fragments []Defect
}

// An Entry says what a file is. It is a line of Unpack's manifest.
type Entry struct {
	Path        string   `json:"path,omitempty"` // where it was written, within the directory
	Name        string   `json:"name"`           // as the message has it, "" where it has none
	Type        string   `json:"type"`           // media type in lower case
	Size        int64    `json:"size"`           // in octets, decoded
	SHA256      string   `json:"sha256,omitempty"`
	Disposition string   `json:"disposition,omitempty"`
	ContentID   string   `json:"content_id,omitempty"` // without angle brackets
	Description string   `json:"description,omitempty"`
	Part        string   `json:"part"`              // number, see Part.Number
	Within      string   `json:"within,omitempty"`  // "uuencode", "yenc", "binhex" or "tnef": it stands in that part
	Fork        string   `json:"fork,omitempty"`    // "resource" of a Macintosh file
	Skipped     string   `json:"skipped,omitempty"` // why it was not written: "exists", "size"
	Defects     []Defect `json:"defects,omitempty"`
}

// SafeName is the name that the file may have in a directory; made of its number and type where it has none.
func (e *Entry) SafeName() string {
	if name := SafeName(e.Name); name != "" {
		return name
	}
	return "part-" + e.Part + extension(e.Type)
}

// Defects are those of the part and of its body as far as it was read.
func (f *File) Defects() []Defect { return slices.Concat(f.defects(), f.fragments) }

// Files gives the files of the message in r, in the order of the document, those in attached messages too: an attached
// message is a file, and after it come its own. A container in one part (TNEF, BinHex) is followed by what it holds. The
// errors are those of r and LimitError.
func Files(r io.Reader, opt FileOptions) iter.Seq2[*File, error] {
	return func(yield func(*File, error) bool) {
		x := &extractor{opt: opt, yield: yield}
		w := NewWalker(r, opt.Limits)
		w.Words, w.Number = opt.Words, opt.Number
		if err := x.walk(w); err != nil && err != errStop {
			yield(nil, err)
		}
	}
}

// errStop ends an extraction that nobody wants more of.
const errStop = constError("stopped")

type constError string

func (e constError) Error() string { return string(e) }

// maxSpools is how many attached messages in one another are given as files. Deeper ones are walked alone: each would
// cost all its octets again.
const maxSpools = 8

// An extractor finds the files of one message.
type extractor struct {
	opt    FileOptions
	yield  func(*File, error) bool
	spools int      // open
	given  int      // files
	text   scanner  // of the text that is looked through
	spare  [][]byte // memory of spools, to be used again

	// fragments has a defect for each fragment of a message that is gone through: what is in it is not whole.
	fragments []Defect
}

// walk gives the files of the message that w goes through.
func (x *extractor) walk(w *Walker) error {
	for {
		p, err := w.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := x.part(p); err != nil {
			return err
		}
	}
}

// part gives what one part is or holds.
func (x *extractor) part(p *Part) error {
	wanted := x.opt.All || p.IsAttachment()
	switch {
	case p.IsMultipart():
		return nil
	case p.IsMessage():
		if p.IsAttachment() && x.spools < maxSpools {
			return x.again(p, func(s *spool) error { return x.message(p, s) })
		}
		return nil
	case p.Type == "message/partial":
		return x.fragment(p, wanted)
	case isTNEF(p):
		return x.again(p, func(s *spool) error { return x.tnef(p, s) })
	case isBinHex(p):
		return x.again(p, func(s *spool) error { return x.embedded(p, s.reader()) })
	case mayEmbed(p) && wanted:
		return x.again(p, func(s *spool) error { return x.embedded(p, s.reader()) })
	case mayEmbed(p):
		return x.embedded(p, p.Decoded())
	case wanted:
		return x.give(partFile(p, p.Decoded()))
	}
	return nil
}

// give hands a file out.
func (x *extractor) give(f *File) error {
	if x.given++; x.given > x.opt.Limits.withDefaults().Parts {
		return &LimitError{"parts", x.given - 1, -1}
	}
	f.fragments = x.fragments
	if !x.yield(f, nil) {
		return errStop
	}
	return nil
}

// again gives a part as a file, and then has its content gone through.
func (x *extractor) again(p *Part, then func(*spool) error) (err error) {
	s := &spool{}
	if n := len(x.spare); n > 0 {
		s.mem, x.spare = x.spare[n-1], x.spare[:n-1]
	}
	x.spools++
	defer func() {
		x.spools--
		if s.file == nil {
			x.spare = append(x.spare, s.mem[:0])
		}
		if e := s.close(); err == nil {
			err = e
		}
	}()
	body := io.TeeReader(p.Decoded(), s)
	if x.opt.All || p.IsAttachment() {
		if err := x.give(partFile(p, body)); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return err
	}
	return then(s)
}

// message gives the files of an attached message.
func (x *extractor) message(p *Part, s *spool) error { return x.inside(p, s.reader()) }

// inside gives the files of the message in r that the part p is.
func (x *extractor) inside(p *Part, r io.Reader) error {
	if p.Depth+1 > p.w.limits.Depth {
		return &LimitError{"depth", p.w.limits.Depth, p.BodyStart}
	}
	in := p.w.within(r)
	err := x.walk(in)
	p.w.parts = in.parts
	return err
}

// fragment gives a fragment of a message (RFC 2046 §5.2.2), and of the first what files have begun in it.
func (x *extractor) fragment(p *Part, wanted bool) error {
	if number := p.Params().Get("number"); number != "1" || x.spools >= maxSpools {
		if wanted {
			return x.give(partFile(p, p.Decoded()))
		}
		return nil
	}
	if p.Params().Get("total") != "1" {
		d := Defect{Name: "message-fragment", Ref: "RFC 2046 §5.2.2", Where: p.Number, Offset: p.BodyStart, Guess: true}
		x.fragments = append(x.fragments, d)
		defer func() { x.fragments = x.fragments[:len(x.fragments)-1] }()
	}
	return x.again(p, func(s *spool) error { return x.inside(p, s.reader()) })
}

// DefectExternal is the name of the defect that a file of message/external-body has: what it is called after is elsewhere.
const DefectExternal = "body-external"

// DefectUnclosed is the name of the defect of a multipart that the message ended before, and of a file that was in it: who
// sent it left the last boundary out, or the file is not whole.
const DefectUnclosed = "boundary-unclosed"

// partFile is the part as a file.
func partFile(p *Part, body io.Reader) *File {
	disposition, _ := p.Disposition()
	f := &File{Body: body, Entry: Entry{
		Name: p.Name(), Type: p.Type, Disposition: disposition, Part: p.Number,
		ContentID: p.ContentID(), Description: p.Description(),
	}}
	f.defects = func() []Defect {
		list := append(p.Defects[:len(p.Defects):len(p.Defects)], p.BodyDefects()...)
		if p.Type == "message/external-body" {
			list = append(list, Defect{Name: DefectExternal, Ref: "RFC 2046 §5.2.3", Where: p.Number, Offset: p.BodyStart, Guess: true})
		}
		if p.w.cutShort() {
			list = append(list, Defect{Name: DefectUnclosed, Ref: "RFC 2046 §5.1.1", Where: p.Number, Offset: p.w.Offset()})
		}
		return list
	}
	return f
}

// mayEmbed tells whether the part is a text that may hold blocks of uuencode and its like.
func mayEmbed(p *Part) bool {
	if p.Type != "text/plain" {
		return false
	}
	disposition, _ := p.Disposition()
	return disposition != "attachment"
}

func isBinHex(p *Part) bool { return p.Type == "application/mac-binhex40" }

func isTNEF(p *Part) bool {
	switch p.Type {
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	}
	return strings.EqualFold(p.Name(), "winmail.dat")
}
