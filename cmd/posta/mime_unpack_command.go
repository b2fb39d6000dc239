package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

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
		found = true
		if u.opt.unpack.DryRun {
			if err := u.env.out.Line(f.Part, f.Type, f.Name); err != nil {
				return found, err
			}
			continue
		}
		if err := u.command(ctx, m, f); err != nil {
			return found, err
		}
	}
	return found, nil
}

// command runs it once. That it fails is said and counted; that it cannot be run at all is an error.
func (u *unpacking) command(ctx context.Context, m *stream.Message, f *mimetool.File) error {
	if err := u.env.out.Flush(); err != nil { // the command writes to the same place
		return err
	}
	body := &limitedBody{r: f.Body, left: u.opt.unpack.MaxSize}
	cmd := exec.CommandContext(ctx, "sh", "-c", u.opt.toCommand)
	cmd.Stdout, cmd.Stderr = u.env.stdout, u.env.stderr
	cmd.Env = append(os.Environ(), fileVariables(m, f)...)
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	_, copyErr := io.Copy(in, body)
	if errors.Is(copyErr, syscall.EPIPE) {
		copyErr = nil // it does not want to know it all
	}
	if copyErr != nil {
		cmd.Process.Kill() // it must not take half a file for a whole one
	}
	in.Close()
	err = cmd.Wait()
	switch {
	case errors.Is(copyErr, errOverLimit):
		u.env.warn("part %s, %q, is left out: it is larger than --max-size", f.Part, f.Name)
		return nil
	case copyErr != nil:
		return copyErr
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		u.failed++
		u.env.warn("part %s, %q: %s: %v", f.Part, f.Name, u.opt.toCommand, err)
	default:
		u.guess(f.Part, f.Name, f.Defects())
	}
	return nil
}

// fileVariables say to the command what it gets.
func fileVariables(m *stream.Message, f *mimetool.File) []string {
	set := func(name, value string) string {
		return "POSTA_" + name + "=" + strings.ReplaceAll(value, "\x00", "")
	}
	return []string{
		set("FILE", m.Name), set("MESSAGE", strconv.Itoa(m.Index)), set("PART", f.Part), set("TYPE", f.Type), set("NAME", f.Name),
		set("SAFE_NAME", f.SafeName()), set("DISPOSITION", f.Disposition), set("CONTENT_ID", f.ContentID), set("DESCRIPTION", f.Description),
	}
}

var errOverLimit = errors.New("larger than wanted")

// limitedBody fails where more than left octets come; 0 is no limit.
type limitedBody struct {
	r    io.Reader
	left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left > 0 {
		if b.left -= int64(n); b.left <= 0 && n > 0 {
			if b.left < 0 {
				return 0, errOverLimit
			}
			b.left = -1 // exactly full: the next octet is too much
			return n, err
		}
	} else if b.left < 0 && n > 0 {
		return 0, errOverLimit
	}
	return n, err
}
