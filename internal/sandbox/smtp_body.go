package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"time"
)

// dripRead is how many octets of a letter are read at once under a Fault with Drip.
const dripRead = 1 << 10

// receive takes a letter that comes by DATA up to its final dot, and lets the server see an empty one: its reader
// takes "CR CR LF" for no line's end and loses a CR behind a leading dot, and the letter is to be kept as it came.
func (f *front) receive() (err error) {
	f.code = ""
	tx := f.session.transaction()
	tx.letter = f.sb.newSpool()
	defer func() {
		if err != nil {
			tx.letter.discard()
		}
	}()
	f.meetBody()
	atStart, afterCR := true, false
	var sink io.Writer = tx.letter
	for {
		line, err := f.in.ReadSlice('\n') // a line, or as much of it as the buffer holds
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return unexpected(err)
		}
		// RFC 5321 §4.5.2: a leading dot is taken away; a line of one dot, ended by CRLF, is the end.
		if atStart && line[0] == '.' {
			if string(line) == ".\r\n" {
				break
			}
			line = line[1:]
		}
		atStart = bytes.HasSuffix(line, []byte("\r\n")) || afterCR && string(line) == "\n"
		afterCR = bytes.HasSuffix(line, []byte("\r"))
		if line, err = f.throttle(line); err != nil {
			return err
		}
		if _, err := sink.Write(line); err != nil {
			tx.failed = err
			sink = io.Discard // the rest of the letter has to be read all the same
		}
	}
	f.pending = []byte(".\r\n")
	return nil
}

// bdat deals with a chunk's command. A chunk whose command is refused comes all the same, and is thrown away; the
// transaction is then over, so that no later chunk can make half a letter.
func (f *front) bdat(arg string) (forward bool, err error) {
	size, ok := parseChunk(arg)
	if !ok {
		return true, nil
	}
	f.chunk = size
	if f.lacks("CHUNKING") {
		return false, errors.Join(f.send("502 5.5.1 BDAT is not possible here"), f.skipChunk())
	}
	if f.session.tx.chunking || len(f.session.tx.to) == 0 {
		return true, nil
	}
	f.session.tx.chunking, f.bodyAt = true, 0
	if forward, err := f.meet("data", f.session.tx.addresses()...); !forward {
		f.pending, f.mute = []byte("RSET\r\n"), 1
		return false, errors.Join(err, f.skipChunk())
	}
	f.meetBody()
	return true, nil
}

func (f *front) skipChunk() error {
	_, err := io.CopyN(io.Discard, f.in, f.chunk)
	f.chunk = 0
	return unexpected(err)
}

// readChunk gives the server octets of a chunk. A chunk cut short is an error: go-smtp would take its end for the
// letter's.
func (f *front) readChunk(p []byte) (int, error) {
	if int64(len(p)) > f.chunk {
		p = p[:f.chunk]
	}
	n, err := f.in.Read(p)
	f.chunk -= int64(n)
	if err != nil {
		return 0, unexpected(err)
	}
	part, err := f.throttle(p[:n])
	return len(part), err
}

// meetBody does what is scripted for the letter that begins now; what depends on its octets is for throttle.
func (f *front) meetBody() {
	f.body = f.sb.faults.strike("smtp", "body", f.session.tx.addresses()...)
	if f.body == nil {
		return
	}
	f.flush()
	f.sb.sleep(time.Duration(f.body.Delay))
	if f.body.Stall { // nothing is read, so that the client's writes fill up
		<-f.sb.done
	}
	if f.body.Drop {
		f.nc.Close()
	}
}

// throttle lets octets of the letter pass at the speed and up to the number that are scripted.
func (f *front) throttle(p []byte) ([]byte, error) {
	f.bodyAt += int64(len(p))
	if f.body == nil {
		return p, nil
	}
	if d := time.Duration(f.body.Drip); d > 0 {
		for n := 0; n < len(p); n += dripRead {
			f.sb.sleep(d)
		}
	}
	if f.body.CutAfter > 0 && f.bodyAt >= f.body.CutAfter {
		return nil, errors.Join(io.ErrUnexpectedEOF, f.nc.Close())
	}
	return p, nil
}

// unexpected makes the end of the connection an error.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
