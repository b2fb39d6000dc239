package mimetool

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/net/html"
)

// maxHTMLToken bounds what is held of HTML: a longer text is cut into pieces, a longer tag is passed over.
const maxHTMLToken = 64 << 10

// HTMLToText writes the text of the HTML that src gives, both UTF-8, as it is to be read: paragraphs apart, lists with
// marks, quotations after ">", the addresses of links in angle brackets after their text, what is hidden left out. Time
// is linear in src, and what is held does not grow with it. The tokens are those of golang.org/x/net/html; there is no
// tree. Errors are those of src and dst.
func HTMLToText(dst io.Writer, src io.Reader) error {
	h := htmlReader{src: htmlSource{r: src}, out: newHTMLWriter(dst)}
	h.fresh(nil)
	for h.out.err == nil {
		if kind := h.z.Next(); kind != html.ErrorToken {
			h.token(kind)
			continue
		}
		err := h.z.Err()
		if errors.Is(err, html.ErrBufferExceeded) {
			err = h.resume()
		}
		if err == io.EOF {
			return h.out.end()
		}
		if err != nil {
			return errors.Join(err, h.out.end())
		}
	}
	return h.out.err
}

// An htmlReader makes text of tokens.
type htmlReader struct {
	src htmlSource
	z   *html.Tokenizer
	out *htmlWriter

	stale   bool   // the tokenizer has grown by a tag with many attributes
	raw     string // the element whose content is passed over: script, style…
	comment string // what ends the comment that was too long
	hidden  string // the element that is not shown
	depth   int    // elements of that name open in it
	link    string // of the open link
	listed  string // the address written last
	lists   []int  // open lists: the number of the next item, -1 where they have none
	tight   bool   // the paragraph has no space around it
	empty   int    // the writer's count when the paragraph began
}

// An htmlSource gives what a tokenizer had read and not used, and then the rest.
type htmlSource struct {
	front []byte
	r     io.Reader
}

func (s *htmlSource) Read(p []byte) (int, error) {
	if len(s.front) > 0 {
		n := copy(p, s.front)
		s.front = s.front[n:]
		return n, nil
	}
	return s.r.Read(p)
}

// fresh begins anew with what the old tokenizer had not used.
func (h *htmlReader) fresh(unused []byte) {
	if len(unused) > 0 {
		h.src.front = append(bytes.Clone(unused), h.src.front...)
	}
	h.z = html.NewTokenizer(&h.src)
	h.z.SetMaxBuf(maxHTMLToken)
	h.stale = false
}

// resume goes on after a token that was too long. The text of one was given; a tag or a comment is passed over.
func (h *htmlReader) resume() error {
	raw, rest := h.z.Raw(), h.z.Buffered()
	comment := h.comment
	h.comment = ""
	switch {
	case h.raw != "":
		return h.skipTo("</"+h.raw, rest)
	case comment != "":
		return h.skipTo(comment, rest)
	case len(raw) > 0:
		return h.skipTo(">", rest)
	}
	h.fresh(rest)
	return nil
}

// skipTo passes over everything up to mark, which is in lower case, and over the mark too unless a tag begins with it.
func (h *htmlReader) skipTo(mark string, rest []byte) error {
	h.src.front = append(bytes.Clone(rest), h.src.front...)
	buf := make([]byte, 0, maxHTMLToken)
	for {
		n, err := h.src.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if i := bytes.Index(bytes.ToLower(buf), []byte(mark)); i >= 0 {
			if mark[0] != '<' {
				i += len(mark)
			}
			h.fresh(buf[i:])
			return nil
		}
		if err != nil {
			return err
		}
		buf = buf[:copy(buf, buf[max(0, len(buf)-len(mark)+1):])]
	}
}

// staleTag is the length of a tag after which the tokenizer is made anew: it clears its table of attributes at every
// tag, and the table never shrinks.
const staleTag = 4096

func (h *htmlReader) token(kind html.TokenType) {
	h.stale = h.stale || len(h.z.Raw()) > staleTag
	switch kind {
	case html.TextToken:
		if h.hidden == "" && h.raw == "" {
			h.out.text(h.z.Text())
		}
		return // what follows may be in a raw element
	case html.StartTagToken, html.SelfClosingTagToken:
		h.start(kind == html.SelfClosingTagToken)
	case html.EndTagToken:
		name, _ := h.z.TagName()
		h.end(string(name))
	case html.CommentToken, html.DoctypeToken:
		// One that is too long is given cut, as if it ended there.
		if raw := h.z.Raw(); len(raw) >= maxHTMLToken && bytes.HasPrefix(raw, []byte("<!--")) {
			h.comment = "-->"
		} else if len(raw) >= maxHTMLToken {
			h.comment = ">"
		}
	}
	if h.stale && h.raw == "" && h.comment == "" {
		h.fresh(h.z.Buffered())
	}
}
