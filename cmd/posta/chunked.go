package main

// chunked is a list that grows without copying what is in it: it may be long, and memory is to be small.
type chunked[T any] struct {
	chunks [][]T
	n      int
}

const chunkLength = 512

func (c *chunked[T]) add(v T) {
	k := c.n / chunkLength
	if k == len(c.chunks) {
		c.chunks = append(c.chunks, make([]T, 0, min(chunkLength, 8<<min(6, k*6))))
	}
	c.chunks[k] = append(c.chunks[k], v)
	c.n++
}

func (c *chunked[T]) at(i int) *T { return &c.chunks[i/chunkLength][i%chunkLength] }

func (c *chunked[T]) len() int { return c.n }

// reset empties the list and keeps its first chunk's memory.
func (c *chunked[T]) reset() {
	if len(c.chunks) > 0 {
		clear(c.chunks[0])
		c.chunks[0] = c.chunks[0][:0]
		c.chunks = c.chunks[:1]
	}
	c.n = 0
}
