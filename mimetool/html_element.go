package mimetool

// start obeys a start tag.
func (h *htmlReader) start() error {
	name, a := h.z.name, h.z.attr
	if isRawElement(name) {
		return h.z.skipRaw(name)
	}
	switch {
	case h.hidden != "":
		if name == h.hidden && !a.closed {
			h.depth++
		}
	case canHide(name) && !a.closed && a.hides():
		h.hidden, h.depth = name, 1
	default:
		h.open(name, a)
	}
	return nil
}

// isRawElement tells whether the content of the element has no markup and is not for readers.
func isRawElement(name string) bool {
	switch name {
	case "script", "style", "title", "iframe":
		return true
	}
	return false
}

// canHide tells whether the element has an end tag that is always written: to hide up to another one could hide the
// message.
func canHide(name string) bool {
	switch name {
	case "div", "span", "table", "td", "tr", "font", "a", "center", "section", "template":
		return true
	}
	return false
}

// open obeys the start tag of an element that is shown.
func (h *htmlReader) open(name string, a htmlAttributes) {
	switch name {
	case "br":
		h.out.lineBreak()
	case "hr":
		h.out.block(1)
		h.out.text([]byte("────────"))
		h.out.block(1)
	case "p":
		h.tight, h.before = a.isTight(), h.out.count
		h.out.block(h.paragraphSpace())
	case "a":
		h.endLink()
		h.link = linkAddress(a.href)
		h.out.listen(h.link != "")
	case "img":
		if alt := trimBlankString(a.alt); alt != "" {
			h.out.text([]byte("[" + alt + "]"))
		}
	case "li":
		h.item()
	case "ol":
		h.beginList(listStart(a.start))
	case "ul", "menu", "dir":
		h.beginList(-1)
	case "td", "th":
		h.out.cell()
	case "pre", "xmp", "plaintext", "listing":
		h.out.block(2)
		h.out.pre++
	case "blockquote":
		h.out.block(2)
		h.out.quote++
	default:
		h.out.block(blockSpace(name))
	}
}

// end obeys an end tag.
func (h *htmlReader) end(name string) {
	if h.hidden != "" {
		if name == h.hidden {
			if h.depth--; h.depth == 0 {
				h.hidden = ""
			}
		}
		return
	}
	switch name {
	case "br":
		h.out.lineBreak()
	case "p":
		h.out.block(h.paragraphSpace())
		if h.tight && h.out.count == h.before { // a paragraph that makes an empty line
			h.out.lineBreak()
		}
	case "a":
		h.endLink()
	case "ol", "ul", "menu", "dir":
		h.endList()
	case "pre", "xmp", "listing":
		h.out.pre = max(0, h.out.pre-1)
		h.out.block(2)
	case "blockquote":
		h.out.block(2)
		h.out.quote = max(0, h.out.quote-1)
	case "td", "th":
	default:
		h.out.block(blockSpace(name))
	}
}

func (h *htmlReader) paragraphSpace() int {
	if h.tight {
		return 1
	}
	return 2
}

// blockSpace is how many line ends stand at least around an element: 2 make an empty line, 0 none.
func blockSpace(name string) int {
	switch name {
	case "h1", "h2", "h3", "h4", "h5", "h6", "dl", "fieldset", "figure":
		return 2
	case "address", "article", "aside", "body", "caption", "center", "dd", "details", "div", "dt", "figcaption", "footer",
		"form", "header", "html", "legend", "li", "main", "nav", "option", "section", "summary", "table", "tbody", "tfoot",
		"thead", "tr":
		return 1
	}
	return 0
}
