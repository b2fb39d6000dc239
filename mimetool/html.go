package mimetool

import (
	"errors"
	"io"
)

// HTMLToText writes the text of the HTML that src gives, both UTF-8, as it is to be read: paragraphs apart, lists with
// marks, quotations after ">", the addresses of links in angle brackets after their text, what is hidden left out. Time
// is linear in src, and what is held does not grow with it: there is no tree. Errors are those of src and dst.
func HTMLToText(dst io.Writer, src io.Reader) error {
	h := htmlReader{z: newHTMLTokenizer(src), out: newHTMLWriter(dst)}
	for h.out.err == nil {
		kind, err := h.z.next()
		if err == nil {
			err = h.token(kind)
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
	z   *htmlTokenizer
	out *htmlWriter

	hidden string // the element that is not shown
	depth  int    // elements of that name open in it
	link   string // address of the open link
	listed string // the address written last
	lists  []int  // open lists: the number of the next item, -1 where they have none
	tight  bool   // the paragraph has no space around it
	before int    // the writer's count when the paragraph began
}

func (h *htmlReader) token(kind htmlKind) error {
	switch kind {
	case htmlText:
		if h.hidden == "" {
			h.out.text(h.z.text)
		}
	case htmlStart:
		return h.start()
	case htmlEnd:
		h.end(h.z.name)
	}
	return nil
}
