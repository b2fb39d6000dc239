package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"posta/internal/account"
	"posta/mimetool"
	"posta/mimetool/stream"
)

// commands runs the command of --to-command for each file of a message.
func (u *unpacking) commands(ctx context.Context, m *stream.Message) (found bool, err error) {
	for f, err := range mimetool.Files(m, u.opt.unpack.FileOptions) {
		if err != nil {
			return found, err
		}
		if u.opt.unpack.Match != nil && !u.opt.unpack.Match(f) {
			continue
		}
		if u.headerAlone() && f.Part != u.opt.unpack.Number {
			break
		}
		found = true
		if err := u.commandOrNot(ctx, m, f); err != nil || u.headerAlone() {
			return found, err
		}
	}
	return found, nil
}

// commandOrNot runs the command, unless -n says not to or the file is too large, and says so.
func (u *unpacking) commandOrNot(ctx context.Context, m *stream.Message, f *mimetool.File) error {
	body, err := u.measured(f)
	if u.headerAlone() {
		if f.Size = u.about; u.opt.unpack.MaxSize > 0 && f.Size > u.opt.unpack.MaxSize {
			err = errOverLimit
		} else if u.opt.json {
			return u.env.out.JSON(u.handed(m, f))
		}
	}
	if errors.Is(err, errOverLimit) {
		if u.opt.json {
			f.Skipped = "size"
			return u.env.out.JSON(u.handed(m, f))
		}
		u.warn("part %s, %q, is left out: it is larger than --max-size", f.Part, f.Name)
		return nil
	}
	if err != nil {
		return err
	}
	defer body.Close()
	sum := &measure{r: body}
	if u.opt.json {
		sum.hash = sha256.New()
	}
	if !u.opt.unpack.DryRun {
		return u.command(ctx, m, f, sum)
	}
	if !u.opt.json {
		return u.env.out.Line(f.Part, f.Type, f.Name)
	}
	if _, err := io.Copy(io.Discard, sum); err != nil {
		return err
	}
	return u.env.out.JSON(sum.entry(u, m, f))
}

// measured is the file's content; where --max-size is given all of it is read first, for the command is not to begin
// with a file that turns out to be too large.
func (u *unpacking) measured(f *mimetool.File) (io.ReadCloser, error) {
	if u.opt.unpack.MaxSize == 0 {
		return io.NopCloser(f.Body), nil
	}
	r, err := newRereader(&stream.Message{Reader: &limitedBody{r: f.Body, left: u.opt.unpack.MaxSize}})
	if err != nil {
		return nil, err
	}
	return r, r.rewind()
}

// commandEntry is what --json prints of a file that was handed to a command, or was not.
type commandEntry struct {
	*imapPlace
	File    string `json:"file,omitempty"`
	Message int    `json:"message,omitempty"`
	mimetool.Entry
	Status *int `json:"status,omitempty"` // the command's; -1: a signal ended it
}

// handed is the object of a file.
func (u *unpacking) handed(m *stream.Message, f *mimetool.File) *commandEntry {
	e := &commandEntry{imapPlace: u.place, File: m.Name, Message: m.Index, Entry: f.Entry}
	if u.place != nil {
		e.Message = 0 // it is the UID, for POSTA_MESSAGE
	}
	return e
}

// command runs it once. That it fails is said and counted; that it cannot be run at all is an error.
func (u *unpacking) command(ctx context.Context, m *stream.Message, f *mimetool.File, sum *measure) error {
	if err := u.env.out.Flush(); err != nil { // the command writes to the same place
		return err
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", u.opt.toCommand)
	cmd.Stdout, cmd.Stderr = u.env.stdout, u.env.stderr
	cmd.Env = append(account.WithoutSecrets(os.Environ()), fileVariables(m, f)...)
	copyErr, err := runWith(cmd, sum)
	switch {
	case copyErr != nil:
		return copyErr
	case ctx.Err() != nil:
		return ctx.Err()
	case cmd.ProcessState == nil: // it did not begin
		return err
	case err != nil:
		u.failed++
		u.warn("part %s, %q: %s: %v", f.Part, f.Name, u.opt.toCommand, err)
	default:
		u.guess(f.Part, f.Name, f.Defects())
	}
	if !u.opt.json {
		return nil
	}
	e, status := sum.entry(u, m, f), cmd.ProcessState.ExitCode()
	e.Status = &status
	return u.env.out.JSON(e)
}

// runWith runs cmd with what r gives on its standard input. copyErr is of r: the command was killed then.
func runWith(cmd *exec.Cmd, r io.Reader) (copyErr, err error) {
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	_, copyErr = io.Copy(in, r)
	if errors.Is(copyErr, syscall.EPIPE) { // it does not want to know it all
		_, copyErr = io.Copy(io.Discard, r)
	}
	if copyErr != nil {
		cmd.Process.Kill() // it must not take half a file for a whole one
	}
	in.Close()
	return copyErr, cmd.Wait()
}

// measure counts, and hashes where that is wanted, what is read.
type measure struct {
	r    io.Reader
	n    int64
	hash hash.Hash
}

func (s *measure) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	if s.hash != nil {
		s.hash.Write(p[:n])
	}
	return n, err
}

// entry is what --json says of the file, when it is read.
func (s *measure) entry(u *unpacking, m *stream.Message, f *mimetool.File) *commandEntry {
	f.Size, f.SHA256, f.Entry.Defects = s.n, hex.EncodeToString(s.hash.Sum(nil)), f.Defects()
	return u.handed(m, f)
}

// variableMax is how many octets a variable has at most: no system starts a program with a very long one, and one file
// of a strange name must not keep the others from being done.
const variableMax = 4096

// fileVariables say to the command what it gets.
func fileVariables(m *stream.Message, f *mimetool.File) []string {
	set := func(name, value string) string {
		value = strings.ReplaceAll(value[:min(len(value), 2*variableMax)], "\x00", "")
		if len(value) > variableMax {
			n := variableMax
			for n > 0 && !utf8.RuneStart(value[n]) {
				n--
			}
			value = value[:n]
		}
		return "POSTA_" + name + "=" + value
	}
	return []string{
		set("FILE", m.Name), set("MESSAGE", strconv.Itoa(m.Index)), set("PART", f.Part), set("TYPE", f.Type), set("NAME", f.Name),
		set("SAFE_NAME", f.SafeName()), set("DISPOSITION", f.Disposition), set("CONTENT_ID", f.ContentID), set("DESCRIPTION", f.Description),
		set("WITHIN", f.Within),
	}
}

var errOverLimit = errors.New("larger than wanted")

// limitedBody fails where more than left octets come.
type limitedBody struct {
	r    io.Reader
	left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errOverLimit
	}
	return n, err
}
