package mimetool

import (
	"strings"
)

// linkAddress is the address of a link when it is of use to a reader.
func linkAddress(href string) string {
	href = strings.Map(idRune, href)
	scheme, _, _ := strings.Cut(href, ":")
	switch strings.ToLower(scheme) {
	case "http", "https", "ftp", "mailto", "tel":
		return href
	}
	return ""
}

// endLink writes a link's address after its text, unless the text is the address or the link before had the same.
func (h *htmlReader) endLink() {
	link := h.link
	h.link = ""
	text := h.out.heard()
	if link == "" || link == h.listed || sameLink(link, text) {
		return
	}
	h.listed = link
	if text != "" {
		h.out.text([]byte(" "))
	}
	h.out.text([]byte("<" + link + ">"))
}

// sameLink tells whether a link's text says its address.
func sameLink(link, text string) bool { return bareLink(link) == bareLink(text) }

func bareLink(s string) string {
	s = strings.ToLower(strings.Trim(s, " <>"))
	for _, prefix := range [...]string{"mailto:", "tel:", "http://", "https://", "ftp://", "www."} {
		s = strings.TrimPrefix(s, prefix)
	}
	return strings.TrimSuffix(s, "/")
}
