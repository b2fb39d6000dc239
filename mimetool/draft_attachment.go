package mimetool

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
)

var (
	errForwardEncoding = errors.New("a message within a message is 7bit, 8bit or binary (RFC 2046 §5.2.1)")
	errContent         = errors.New("nothing to open")
)

// sniffLength is how much of a content is looked at to guess its type.
const sniffLength = 4096

// attachment writes the fields and the content of a.
func (o *draftWriter) attachment(a *Attachment) {
	if o.err != nil {
		return
	}
	if a.Open == nil {
		o.fail(a.what(), errContent)
		return
	}
	rc, err := a.Open()
	if err != nil {
		o.err = err
		return
	}
	defer rc.Close()
	content := bufio.NewReaderSize(rc, 64<<10)
	begin, err := content.Peek(sniffLength)
	if err != nil && err != io.EOF {
		o.err = err
		return
	}
	typ, params, err := a.mediaType(begin)
	if err == nil {
		var encoding string
		if encoding, err = a.encoding(typ, rc, content); err == nil {
			o.attachmentFields(a, typ, params, encoding)
			o.encoded(content, encoding, EncodeOptions{Name: a.Name})
			return
		}
	}
	o.fail(a.what(), err)
}

func (a *Attachment) what() string {
	if a.Name == "" {
		return "attachment"
	}
	return a.Name
}

// attachmentFields writes a's header. The name stands in both places where it is looked for (RFC 2183 §2.3; the older
// parameter of Content-Type).
func (o *draftWriter) attachmentFields(a *Attachment, typ string, params []EncodeParameter, encoding string) {
	disposition := []EncodeParameter(nil)
	if name := a.Name; name != "" {
		if !strings.ContainsAny(name, "\r\n") { // which params refuses
			name = encodeOneLine(name)
		}
		params = append(params, EncodeParameter{"name", name})
		disposition = append(disposition, EncodeParameter{"filename", name})
	}
	o.params("Content-Type", typ, params)
	o.field("Content-Transfer-Encoding", encoding)
	kind := a.Disposition
	if kind == "" {
		kind = "attachment"
	}
	if !plainToken(kind) {
		o.fail(a.what(), errors.New("not a disposition: "+kind))
	}
	o.params("Content-Disposition", kind, disposition)
	if a.ContentID != "" {
		o.check(o.field("Content-ID", angled(a.ContentID)))
	}
	if a.Description != "" {
		o.check(o.field("Content-Description", a.Description))
	}
	o.text(o.eol)
}

func (o *draftWriter) check(err error) {
	if err != nil && o.err == nil {
		o.err = err
	}
}

// mediaType is a's type as it was given, or a guess. Text gets its charset.
func (a *Attachment) mediaType(begin []byte) (string, []EncodeParameter, error) {
	given := a.Type
	if given == "" {
		given = GuessType(a.Name, begin)
	}
	typ, params, err := splitType(given)
	if err != nil {
		return "", nil, err
	}
	if strings.HasPrefix(typ, "text/") && !hasParam(params, "charset") {
		if cs := sniffCharset(begin); cs != "" {
			params = append(params, EncodeParameter{"charset", cs})
		}
	}
	return typ, params, nil
}

func hasParam(params []EncodeParameter, name string) bool {
	for _, p := range params {
		if strings.EqualFold(p.Name, name) {
			return true
		}
	}
	return false
}

// sniffCharset is the charset of text that begins so; "" is none that could be told.
func sniffCharset(begin []byte) string {
	for cut := range utf8.UTFMax {
		if cut <= len(begin) && utf8.Valid(begin[:len(begin)-cut]) {
			// UTF-8 says ASCII too: what follows may have more.
			return "utf-8"
		}
	}
	return ""
}

// encoding is the Content-Transfer-Encoding of a's content.
func (a *Attachment) encoding(typ string, rc io.Reader, content *bufio.Reader) (string, error) {
	given := EncodingName(a.Encoding)
	if a.Encoding != "" && given == "" {
		return "", errEncodingName
	}
	if !strings.HasPrefix(typ, "message/") {
		if given == "" {
			return EncodingBase64, nil
		}
		return given, nil
	}
	switch given {
	case Encoding7bit, Encoding8bit, EncodingBinary:
		return given, nil
	case "":
		return forwardEncoding(rc, content)
	}
	return "", errForwardEncoding
}

// forwardEncoding is 7bit for a message that can be found to be so, else 8bit.
func forwardEncoding(rc io.Reader, content *bufio.Reader) (string, error) {
	s, ok := rc.(io.Seeker)
	if !ok {
		return Encoding8bit, nil
	}
	at, err := s.Seek(int64(-content.Buffered()), io.SeekCurrent)
	if err != nil {
		return Encoding8bit, nil
	}
	if _, err := s.Seek(at, io.SeekStart); err != nil {
		return "", err
	}
	m, err := measureSeeker(rc, true)
	if err != nil {
		return "", err
	}
	content.Reset(rc)
	if m.high == 0 {
		return Encoding7bit, nil
	}
	return Encoding8bit, nil
}

// splitType takes a media type and its parameters apart.
func splitType(s string) (string, []EncodeParameter, error) {
	typ, params, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(typ, "/") {
		return "", nil, errMediaType
	}
	var list []EncodeParameter
	for name, value := range params {
		list = append(list, EncodeParameter{name, value})
	}
	sortParams(list)
	return typ, list, nil
}

// sortParams orders by name: a map has no order, and a draft is to come out the same each time.
func sortParams(list []EncodeParameter) {
	for i := range list {
		for k := i; k > 0 && list[k].Name < list[k-1].Name; k-- {
			list[k], list[k-1] = list[k-1], list[k]
		}
	}
}

// GuessType is the media type of a file by its name and how its content begins. What is not known is text/plain or
// application/octet-stream.
func GuessType(name string, begin []byte) string {
	if typ := typeByName(strings.ToLower(path.Ext(name))); typ != "" && !(strings.HasPrefix(typ, "text/") && !looksLikeText(begin)) {
		return typ
	}
	typ, _, _ := strings.Cut(mimetype.Detect(begin).String(), ";")
	if typ == "text/plain" && !looksLikeText(begin) || len(begin) == 0 {
		typ = "application/octet-stream"
	}
	if typ == "application/octet-stream" {
		return binaryByName(strings.ToLower(path.Ext(name)))
	}
	return typ
}

// binaryByName is the type of what begins like nothing that is known, or is empty.
func binaryByName(ext string) string {
	switch ext {
	case ".png", ".gif", ".webp", ".bmp", ".avif", ".heic":
		return "image/" + ext[1:]
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".mp3":
		return "audio/mpeg"
	case ".mp4":
		return "video/mp4"
	case ".pdf", ".zip":
		return "application/" + ext[1:]
	}
	return "application/octet-stream"
}

// looksLikeText says whether content has no octet that text has not.
func looksLikeText(begin []byte) bool {
	for _, c := range begin {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			return false
		}
	}
	return true
}

// typeByName is the type of those extensions whose content tells less than their name.
func typeByName(ext string) string {
	switch ext {
	case ".txt", ".text", ".log", ".conf", ".diff", ".patch", ".c", ".h", ".go", ".py", ".sh", ".md":
		return "text/plain"
	case ".csv":
		return "text/csv"
	case ".htm", ".html":
		return "text/html"
	case ".css":
		return "text/css"
	case ".ics":
		return "text/calendar"
	case ".vcf":
		return "text/vcard"
	case ".js", ".mjs":
		return "text/javascript"
	case ".json":
		return "application/json"
	case ".xml":
		return "application/xml"
	case ".yaml", ".yml":
		return "application/yaml"
	case ".eml", ".mbs":
		return "message/rfc822"
	case ".p7s":
		return "application/pkcs7-signature"
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case ".svg":
		return "image/svg+xml"
	case ".gz", ".tgz":
		return "application/gzip"
	}
	return ""
}
