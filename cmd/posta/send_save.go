package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"posta/mimetool/stream"
	"posta/sendmail"
)

// keeping is the copy of a letter that --save keeps. It is begun before the letter goes out, so that a full disk or a
// missing permission is known by then. A nil keeping keeps nothing.
type keeping struct {
	letter *sendmail.Letter
	from   string
	now    time.Time
	mbox   *os.File // to be appended to
	whole  string   // the copy, complete, in a Maildir's tmp
	final  string   // its name in cur
}

func (s *sending) openSave(out *outgoing) (*keeping, error) {
	if s.opt.save == "" {
		return nil, nil
	}
	k := &keeping{letter: out.letter, from: out.envelope.From, now: s.env.now()}
	dir, isMaildir := strings.CutPrefix(s.opt.save, "maildir:")
	var err error
	if isMaildir {
		err = k.writeMaildir(dir)
	} else {
		k.mbox, err = os.OpenFile(s.opt.save, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	}
	if err != nil {
		return nil, fail(exitCantCreate, "--save: %w", err)
	}
	return k, nil
}

// writeMaildir writes the letter into tmp of a Maildir, which is made where it is not there.
func (k *keeping) writeMaildir(dir string) error {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	f, err := os.CreateTemp(filepath.Join(dir, "tmp"), fmt.Sprintf("%d.%d_*.posta", k.now.Unix(), os.Getpid()))
	if err != nil {
		return err
	}
	k.whole, k.final = f.Name(), filepath.Join(dir, "cur", filepath.Base(f.Name())+":2,S")
	_, err = k.letter.WriteTo(&unixLines{w: f})
	if err := firstError(err, f.Sync(), f.Close()); err != nil {
		k.abandon()
		return err
	}
	return nil
}

// commit makes the copy last, after the letter was accepted.
func (k *keeping) commit() error {
	switch {
	case k == nil:
		return nil
	case k.mbox != nil:
		return k.appendMbox()
	}
	if err := os.Rename(k.whole, k.final); err != nil {
		return err
	}
	k.whole = ""
	return syncFolder(filepath.Dir(k.final))
}

// appendMbox appends the letter. When that fails, the file has its former length again.
func (k *keeping) appendMbox() (err error) {
	f := k.mbox
	k.mbox = nil
	defer func() { err = firstError(err, f.Close()) }()
	unlock, err := lockFile(f)
	if err != nil {
		return err
	}
	defer unlock()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if err := k.writeMbox(f); err != nil {
		return firstError(err, f.Truncate(end))
	}
	return f.Sync()
}

func (k *keeping) writeMbox(f *os.File) error {
	w, err := stream.NewWriter(f, stream.Mboxrd, stream.Options{})
	if err != nil {
		return err
	}
	r, in := io.Pipe()
	go func() {
		_, err := k.letter.WriteTo(&unixLines{w: in})
		in.CloseWithError(err)
	}()
	err = w.WriteMessage(&stream.Message{Reader: r, From: k.from, NullFrom: k.from == "", Date: k.now, Size: -1})
	r.Close()
	return firstError(err, w.Close())
}

// abandon removes what was begun.
func (k *keeping) abandon() {
	if k == nil {
		return
	}
	if k.whole != "" {
		os.Remove(k.whole)
	}
	if k.mbox != nil {
		k.mbox.Close()
	}
}

// unixLines makes CRLF line ends those of files.
type unixLines struct {
	w  io.Writer
	cr bool // the last octet was a CR, which is not written yet
}

func (u *unixLines) Write(p []byte) (int, error) {
	out := make([]byte, 0, len(p)+1)
	for _, c := range p {
		if u.cr && c != '\n' {
			out = append(out, '\r')
		}
		if u.cr = c == '\r'; !u.cr {
			out = append(out, c)
		}
	}
	if _, err := u.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// syncFolder makes a name in a folder last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
