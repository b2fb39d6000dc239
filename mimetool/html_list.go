package mimetool

import (
	"strconv"
)

// listStart is the number of an ordered list's first item.
func listStart(s string) int {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < 1e6 {
		return n
	}
	return 1
}

// maxLists bounds how deep lists are indented.
const maxLists = 8

func (h *htmlReader) beginList(number int) {
	if len(h.lists) == 0 {
		h.out.block(2)
	} else {
		h.out.block(1)
	}
	if len(h.lists) < maxLists {
		h.lists = append(h.lists, number)
	}
	h.out.indent = 2 * len(h.lists)
}

func (h *htmlReader) endList() {
	if len(h.lists) > 0 {
		h.lists = h.lists[:len(h.lists)-1]
	}
	h.out.indent = 2 * len(h.lists)
	if len(h.lists) == 0 {
		h.out.block(2)
	} else {
		h.out.block(1)
	}
}

// item begins an item with its mark.
func (h *htmlReader) item() {
	h.out.block(1)
	mark := "* "
	if n := len(h.lists); n > 0 && h.lists[n-1] >= 0 {
		mark = strconv.Itoa(h.lists[n-1]) + ". "
		h.lists[n-1]++
	}
	h.out.mark = mark
}
