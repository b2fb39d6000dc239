package store

import "sync"

const (
	writers     = 2  // that make files, beside the reading of the next message
	draftsAhead = 32 // small messages in memory
)

// written is a draft whose file is to be made for a receipt.
type written struct {
	draft   *draft
	receipt *Receipt
}

// writerPool makes files of small messages. Its goroutines begin with the first one.
type writerPool struct {
	queue chan written
	free  chan []byte // buffers
	ended sync.WaitGroup
}

func newWriterPool() *writerPool { return &writerPool{free: make(chan []byte, draftsAhead)} }

// buffer is an empty one, used before where that is possible.
func (p *writerPool) buffer() []byte {
	select {
	case b := <-p.free:
		return b[:0]
	default:
		return nil
	}
}

// write lets a writer make the file. The group of the receipt waits for it.
func (p *writerPool) write(d *draft, r *Receipt) {
	if p.queue == nil {
		p.queue = make(chan written, draftsAhead)
		for i := range writers {
			p.ended.Go(func() { p.run(i > 0) })
		}
	}
	r.group.writing.Add(1)
	p.queue <- written{d, r}
}

func (p *writerPool) run(side bool) {
	for w := range p.queue {
		w.receipt.err = w.draft.finish(side)
		w.receipt.file, w.receipt.temp = w.draft.file, w.draft.path
		w.receipt.group.writing.Done()
		p.release(w.draft)
	}
}

// release takes a draft's buffer back: what was in it is in the file, or given up.
func (p *writerPool) release(d *draft) {
	select {
	case p.free <- d.text:
	default:
	}
	d.text = nil
}

// close ends the goroutines.
func (p *writerPool) close() {
	if p.queue != nil {
		close(p.queue)
		p.ended.Wait()
		p.queue = nil
	}
}
