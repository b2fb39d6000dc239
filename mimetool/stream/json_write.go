package stream

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
)

// jsonWriter writes lines of JSON with the message in "raw".
type jsonWriter struct {
	w   io.Writer
	buf []byte
}

func newJSONWriter(w io.Writer) *jsonWriter { return &jsonWriter{w: w, buf: make([]byte, 48<<10)} }

func (w *jsonWriter) WriteMessage(m *Message) error {
	f := JSONMessage{To: m.To, Name: m.Name}
	if m.From != "" || m.NullFrom {
		f.From = &m.From
	}
	if !m.Date.IsZero() {
		f.Date = &m.Date
	}
	if m.Size >= 0 {
		f.Size = &m.Size
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		return err
	}
	head := bytes.TrimSuffix(line.Bytes(), []byte("}\n"))
	if len(head) > 1 {
		head = append(head, ',')
	}
	if _, err := w.w.Write(append(head, `"raw":"`...)); err != nil {
		return err
	}
	enc64 := base64.NewEncoder(base64.StdEncoding, w.w)
	if _, err := io.CopyBuffer(struct{ io.Writer }{enc64}, struct{ io.Reader }{m}, w.buf); err != nil {
		return err
	}
	if err := enc64.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(w.w, "\"}\n")
	return err
}

func (w *jsonWriter) Close() error { return nil }
