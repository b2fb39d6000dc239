package sandbox

import (
	"bufio"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
)

// maxDepth is how deep bodyContains goes into parts.
const maxDepth = 20

// bodyContains says whether a letter's body, transfer encodings undone, contains text. A body that cannot be decoded
// is searched as it is.
func bodyContains(m *Message, text string) (bool, error) {
	r, err := m.Open()
	if err != nil {
		return false, err
	}
	defer r.Close()
	br := bufio.NewReader(r)
	header, err := textproto.NewReader(br).ReadMIMEHeader()
	if err != nil && len(header) == 0 {
		raw, err := m.Bytes()
		return containsFold(string(raw), text), err
	}
	return partContains(header, br, text, maxDepth), nil
}

func partContains(header textproto.MIMEHeader, body io.Reader, text string, depth int) bool {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err == nil && strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" && depth > 0 {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return false
			}
			if partContains(part.Header, part, text, depth-1) {
				return true
			}
		}
	}
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	// What could be decoded before an error is searched all the same.
	raw, _ := io.ReadAll(body)
	return containsFold(strings.ReplaceAll(string(raw), "\r\n", "\n"), text)
}
