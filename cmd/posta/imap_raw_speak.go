package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/internal/dialer"
)

// speak sends the commands of the input.
func (d *rawDialogue) speak(ctx context.Context) error {
	for !d.left {
		line, err := d.line()
		switch {
		case errors.Is(context.Cause(ctx), errRawEnd):
			return d.lost()
		case err == io.EOF:
			return nil
		case err != nil:
			return firstError(ctx.Err(), err)
		case len(bytes.TrimSpace(line)) == 0:
			continue
		}
		if err := d.do(line); err != nil {
			return err
		}
	}
	return nil
}

// line reads a line of the input, without its end.
func (d *rawDialogue) line() ([]byte, error) {
	line, err := d.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		err = fail(exitDataErr, "a line of more than %d octets", inputBuffer)
	case err == io.EOF && len(line) > 0:
		err = nil
	}
	return bytes.Clone(bytes.TrimRight(line, "\r\n")), err
}

// do sends a command and waits for its answer. What the server asks for by "+" is the input's next line.
func (d *rawDialogue) do(line []byte) error {
	line = d.tagged(line)
	if err := d.allowed(); err != nil {
		return err
	}
	ev, err := d.send(line)
	for err == nil && ev.more {
		ev, err = d.goOn()
	}
	if err != nil {
		return err
	}
	d.left = strings.EqualFold(d.command.name, "LOGOUT") && ev.status.Type == goimap.StatusResponseTypeOK
	if ev.status.Type != goimap.StatusResponseTypeOK {
		refused := &imap.Error{Command: d.command.name, Status: ev.status}
		d.env.warn("%v", refused)
		if d.refused == nil {
			d.refused = refused
		}
	}
	return nil
}

// allowed refuses commands that would change the connection below the dialogue, or tell secrets to a stranger.
func (d *rawDialogue) allowed() error {
	switch name := strings.ToUpper(d.command.name); {
	case name == "STARTTLS", name == "COMPRESS":
		return usageError("imap raw: %s cannot be said by hand", name)
	case d.isLogin() && !d.conn.MaySendSecrets():
		return fail(exitNoPerm, "%s is not sent: the connection is not secure", name)
	}
	return nil
}

func (d *rawDialogue) isLogin() bool {
	return strings.EqualFold(d.command.name, "LOGIN") || strings.EqualFold(d.command.name, "AUTHENTICATE")
}

// tagged is a command with its tag, which is put before it unless it has one.
func (d *rawDialogue) tagged(line []byte) []byte {
	words := strings.Fields(string(line))
	if len(words) > 1 && !isIMAPCommand(words[0]) && (isIMAPCommand(words[1]) || strings.ContainsAny(words[0], "0123456789")) {
		d.command = rawCommand{words[0], words[1]}
		return line
	}
	d.tags++
	d.command = rawCommand{"p" + strconv.Itoa(d.tags), words[0]}
	return append([]byte(d.command.tag+" "), line...)
}

// isIMAPCommand says whether a word is a command, so that a tag before it is known as such.
func isIMAPCommand(word string) bool {
	return slices.Contains(strings.Fields(`APPEND AUTHENTICATE CANCELUPDATE CAPABILITY CHECK CLOSE COMPRESS CONVERT COPY CREATE
		DELETE DELETEACL ENABLE EXAMINE EXPUNGE FETCH GENURLAUTH GETACL GETMETADATA GETQUOTA GETQUOTAROOT ID IDLE LANGUAGE
		LIST LISTRIGHTS LOGIN LOGOUT LSUB MOVE MYRIGHTS NAMESPACE NOOP NOTIFY RENAME REPLACE SEARCH SELECT SETACL SETMETADATA SETQUOTA SORT
		STARTTLS STATUS STORE SUBSCRIBE THREAD UID UNAUTHENTICATE UNSELECT UNSUBSCRIBE URLFETCH XLIST`), strings.ToUpper(word))
}

// send sends a command line with the literals in it, and waits for what the server says to it.
func (d *rawDialogue) send(line []byte) (rawEvent, error) {
	send := d.conn.Send
	for {
		if err := send(line); err != nil {
			return rawEvent{}, d.broken(err)
		}
		size, unasked, literal := announcedLiteral(line)
		if !literal {
			return d.await()
		}
		if !unasked {
			if ev, err := d.await(); err != nil || !ev.more {
				return ev, firstError(err, d.skip(size))
			}
		}
		if n, err := io.CopyN(d.conn, d.in, size); err != nil {
			if n < size && errors.Is(err, io.EOF) {
				return rawEvent{}, fail(exitDataErr, "the input ends %d octets before the end of a literal", size-n)
			}
			return rawEvent{}, d.broken(err)
		}
		var err error
		if line, err = d.line(); err != nil && err != io.EOF {
			return rawEvent{}, err
		}
		if d.isLogin() {
			send = d.conn.SendSecret
		}
	}
}

// skip passes over what was to follow in a command that is refused before its end.
func (d *rawDialogue) skip(size int64) error {
	for {
		if _, err := io.CopyN(io.Discard, d.in, size); err != nil {
			return nil // the end of the input, which is seen again
		}
		line, err := d.line()
		if err != nil {
			return nil
		}
		var literal bool
		if size, _, literal = announcedLiteral(line); !literal {
			return nil
		}
	}
}

// goOn sends what the server has asked for. At the end of the input IDLE is ended, and a login given up.
func (d *rawDialogue) goOn() (rawEvent, error) {
	line, err := d.line()
	switch {
	case err == io.EOF && d.isLogin():
		line = []byte("*") // RFC 9051 §6.2.2
	case err == io.EOF:
		line = []byte("DONE") // RFC 2177 §3
	case err != nil:
		return rawEvent{}, d.broken(err)
	}
	send := d.conn.Send
	if d.isLogin() {
		send = d.conn.SendSecret
	}
	if err := send(line); err != nil {
		return rawEvent{}, d.broken(err)
	}
	return d.await()
}

// announcedLiteral reads the announcement of a literal at a line's end: {12}, or unasked {12+} (RFC 7888).
func announcedLiteral(line []byte) (size int64, unasked, ok bool) {
	open := bytes.LastIndexByte(line, '{')
	if open < 0 || line[len(line)-1] != '}' {
		return 0, false, false
	}
	digits, unasked := strings.CutSuffix(string(line[open+1:len(line)-1]), "+")
	n, err := strconv.ParseUint(digits, 10, 62)
	return int64(n), unasked, err == nil
}

// await waits for the answer to the command, or for "+". Silence is borne no longer than the time limit.
func (d *rawDialogue) await() (rawEvent, error) {
	for {
		before := d.heard.Load()
		select {
		case ev, ok := <-d.events:
			switch {
			case !ok:
				return ev, d.lost()
			case ev.more || ev.tag == d.command.tag:
				return ev, nil
			}
		case <-time.After(d.patience):
			if d.heard.Load() == before {
				d.cancel(errRawEnd)
				return rawEvent{}, &dialer.Error{Op: "wait for", Addr: "the server", Kind: dialer.Timeout, Err: context.DeadlineExceeded}
			}
		}
	}
}

// broken is what ended the connection, which the server may have said before it could not be written to any more; else err.
func (d *rawDialogue) broken(err error) error {
	late := time.After(parting)
	for {
		select {
		case _, ok := <-d.events:
			if !ok {
				return d.lost()
			}
		case <-late:
			return err
		}
	}
}

// lost is the error of a connection that ended before its time.
func (d *rawDialogue) lost() error {
	<-d.ended
	if d.err != nil {
		return d.err
	}
	return fail(exitTempFail, "%w", errRawEnd)
}
