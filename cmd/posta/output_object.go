package main

import (
	"bytes"
	"encoding/json"
	"io"
)

// objectWriter writes a JSON object on one line, its long lists an element at a time.
type objectWriter struct {
	o     *output
	buf   bytes.Buffer
	enc   *json.Encoder
	comma bool // one is due before the next element
}

// object begins an object with the fields of v.
func (o *output) object(v any) (*objectWriter, error) {
	w := &objectWriter{o: o}
	w.enc = json.NewEncoder(&w.buf)
	w.enc.SetEscapeHTML(false)
	if err := w.enc.Encode(v); err != nil {
		return nil, err
	}
	_, err := o.Write(bytes.TrimSuffix(w.buf.Bytes(), []byte("}\n")))
	return w, err
}

// list begins a field that is a list. The object has fields before it.
func (w *objectWriter) list(name string) {
	io.WriteString(w.o, `,"`+name+`":[`) // an error comes again with end
	w.comma = false
}

func (w *objectWriter) element(v any) {
	w.buf.Reset()
	if w.comma {
		w.buf.WriteByte(',')
	}
	w.comma = true
	if err := w.enc.Encode(v); err == nil { // plain structures: there is no error
		w.o.Write(bytes.TrimSuffix(w.buf.Bytes(), []byte("\n")))
	}
}

func (w *objectWriter) endList() { io.WriteString(w.o, "]") }

// end ends the object and the line.
func (w *objectWriter) end() error {
	_, err := io.WriteString(w.o, "}\n")
	if err == nil && w.o.tty {
		err = w.o.Flush()
	}
	return err
}
