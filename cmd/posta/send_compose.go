package main

import (
	"errors"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"posta/mimetool"
	"posta/sendmail"
)

// compose makes a letter of the text in (nil for none) and of what the command line says.
func (s *sending) compose(in io.Reader, empty bool) (*sendmail.Letter, error) {
	d, err := s.draft(in, empty)
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	go func() {
		_, err := d.WriteTo(w)
		w.CloseWithError(err) // a draft that fails is a read error, never a shorter letter
	}()
	l, err := sendmail.ReadLetter(r, sendmail.LetterOptions{})
	r.Close()
	return l, composeError(err)
}

// composeError gives a field that cannot be written the status of a wrong flag; files that cannot be read keep theirs.
func composeError(err error) error {
	var d *mimetool.DraftError
	if errors.As(err, &d) && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, os.ErrPermission) {
		return fail(exitDataErr, "%w", d)
	}
	return err
}

func (s *sending) draft(in io.Reader, empty bool) (*mimetool.Draft, error) {
	d := &mimetool.Draft{
		To: mails(s.named.to), Cc: mails(s.named.cc), ReplyTo: mails(s.replyTo), Date: s.env.now(),
	}
	if !fieldsName(s.fields, "From") {
		author, err := s.author()
		if err != nil {
			return nil, err
		}
		d.From = []mail.Address{author.Mail()}
		d.MessageID = mimetool.NewMessageID(d.Date, idDomain(author.Addr))
	}
	if s.opt.subject != nil {
		d.Subject = *s.opt.subject
	}
	for _, f := range s.mailto.fields {
		switch {
		case fieldsName(s.fields, f.Name):
		case !strings.EqualFold(f.Name, "Subject"):
			d.Fields = append(d.Fields, f)
		case d.Subject == "":
			d.Subject = f.Value
		}
	}
	used := false // standard input
	for _, text := range s.opt.attach {
		a, err := s.attachment(text, in, &used)
		if err != nil {
			return nil, err
		}
		d.Attachments = append(d.Attachments, a)
	}
	html, err := s.html(in, &used)
	if err != nil {
		return nil, err
	}
	if html != nil {
		d.HTML = html
	}
	d.Text = s.text(in, used, empty && (html != nil || len(d.Attachments) > 0))
	return d, nil
}

// text is the letter's text: the bodies of mailto: URLs, then standard input. It is nil where there is none beside
// other parts.
func (s *sending) text(in io.Reader, used, omit bool) io.Reader {
	var parts []io.Reader
	for _, body := range s.mailto.body {
		parts = append(parts, strings.NewReader(strings.ReplaceAll(body, "\r\n", "\n")+"\n"))
	}
	switch {
	case used || omit:
	case len(parts) == 0:
		return in
	default:
		parts = append(parts, in)
	}
	if len(parts) == 0 {
		return nil
	}
	return io.MultiReader(parts...)
}

func errInputTwice() error {
	return usageError("standard input can be used once: by one of -A - and --html -")
}

// html opens the file of --html.
func (s *sending) html(in io.Reader, used *bool) (io.Reader, error) {
	switch s.opt.html {
	case "":
		return nil, nil
	case "-":
		if *used {
			return nil, errInputTwice()
		}
		*used = true
		return in, nil
	}
	f, err := os.Open(s.opt.html)
	if err != nil {
		return nil, err
	}
	s.closeLater(f)
	return f, nil
}

// attachment reads the value of -A: FILE, FILE:TYPE, -:NAME or -:NAME:TYPE.
func (s *sending) attachment(text string, in io.Reader, used *bool) (mimetool.Attachment, error) {
	path, mediaType := cutType(text)
	name, isInput := strings.CutPrefix(path, "-:")
	if !isInput && path != "-" {
		return mimetool.Attachment{Name: filepath.Base(path), Type: mediaType, Open: func() (io.ReadCloser, error) { return openFile(path) }}, nil
	}
	if path == "-" {
		name = ""
	}
	if *used {
		return mimetool.Attachment{}, errInputTwice()
	}
	*used = true
	return mimetool.Attachment{Name: name, Type: mediaType, Open: func() (io.ReadCloser, error) { return io.NopCloser(in), nil }}, nil
}

// openFile opens what can be attached.
func openFile(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if fi, err := f.Stat(); err == nil && fi.IsDir() {
		f.Close()
		return nil, fail(exitNoInput, "%s is a directory", path)
	}
	return f, nil
}

// cutType cuts a media type (RFC 6838 §4.2) off. A file's name may look like one too.
func cutType(text string) (path, mediaType string) {
	if _, err := os.Stat(text); err == nil {
		return text, ""
	}
	form := regexp.MustCompile(`^(.+):([A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*(?:\s*;.*)?)$`)
	if m := form.FindStringSubmatch(text); m != nil {
		return m[1], m[2]
	}
	return text, ""
}
