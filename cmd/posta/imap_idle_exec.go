package main

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"posta/fetch/store"
)

// runCommand runs the command for a message. That it fails is told, and the waiting goes on. It is not ended by the end of the
// waiting, but by the user's interruption.
func (w *watching) runCommand(n *news) error {
	if err := w.env.out.Flush(); err != nil {
		return err
	}
	run, err := store.OpenExec(w.opt.exec, store.Options{
		Environ: append(w.conn.environ(), n.variables()...), Stdout: w.env.stdout, Stderr: w.env.stderr,
	})
	if err != nil {
		return err
	}
	_, err = run.Put(w.c.Context, &store.Message{Reader: bytes.NewReader(n.octets), Size: int64(len(n.octets))})
	var failed *store.ExitError
	if errors.As(err, &failed) {
		w.failed++
		w.env.warn("%s, message %d: %v", n.Folder, n.UID, failed)
		err = nil
	}
	return firstError(err, run.Close())
}

// maxVariable bounds a variable, which the system bounds too.
const maxVariable = 4 << 10

// variables say to the command which message it is. What a stranger wrote is never part of the command itself; control
// characters are blanks. POSTA_FROM is not among them: a posta in the command would take it for its own.
func (n *news) variables() []string {
	set := func(name, value string) string {
		value = strings.Map(func(r rune) rune {
			if needsEscape(r) {
				return ' '
			}
			return r
		}, value)
		return "POSTA_" + name + "=" + strings.ToValidUTF8(value[:min(len(value), maxVariable)], "")
	}
	return []string{
		set("FOLDER", n.Folder), set("UID", strconv.FormatUint(uint64(n.UID), 10)),
		set("UIDVALIDITY", strconv.FormatUint(uint64(n.UIDValidity), 10)),
		set("SENDER", n.from), set("SUBJECT", n.Subject), set("DATE", n.Date), set("MESSAGE_ID", n.MessageID),
	}
}
