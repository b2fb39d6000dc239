package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"unicode/utf8"
)

// objectWriter writes a JSON object on one line, its long lists an element at a time.
type objectWriter struct {
	o     *output
	enc   *json.Encoder
	cut   int  // octets at the end of what is encoded that are not written
	comma bool // one is due before the next element
}

// object begins an object with the fields of v.
func (o *output) object(v any) (*objectWriter, error) {
	w := &objectWriter{o: o, cut: len("}\n")}
	w.enc = json.NewEncoder(w)
	w.enc.SetEscapeHTML(false)
	err := w.enc.Encode(v)
	w.cut = len("\n")
	return w, err
}

// Write takes what the encoder gives, which is a whole value and a line end.
func (w *objectWriter) Write(p []byte) (int, error) {
	_, err := w.o.Write(p[:len(p)-w.cut])
	return len(p), err
}

// list begins a field that is a list. The object has fields before it.
func (w *objectWriter) list(name string) {
	io.WriteString(w.o, `,"`+name+`":[`) // an error comes again with end
	w.comma = false
}

func (w *objectWriter) element(v any) {
	if w.comma {
		io.WriteString(w.o, ",")
	}
	w.comma = true
	w.enc.Encode(v) // plain structures: the only error is the output's
}

// field is element for a header field, of which the value may be very long: the encoder would hold all of it.
func (w *objectWriter) field(f headerField) {
	value := f.Value
	if len(value) <= pieceOfValue {
		w.element(f)
		return
	}
	f.Value = ""
	w.cut = len("}\n")
	w.element(f)
	w.cut = len("\n")
	io.WriteString(w.o, `,"value":"`)
	for value != "" {
		n := min(len(value), pieceOfValue)
		for n < len(value) && !utf8.RuneStart(value[n]) {
			n++
		}
		w.piece(value[:n])
		value = value[n:]
	}
	io.WriteString(w.o, `"}`)
}

// pieceOfValue is how many octets of a string are encoded at a time.
const pieceOfValue = 64 << 10

// piece writes a piece of a string, without quotes around it.
func (w *objectWriter) piece(s string) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.Encode(s) // a string: there is no error
	w.o.Write(b.Bytes()[1 : b.Len()-len("\"\n")])
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

// fields adds those of v, a plain structure.
func (w *objectWriter) fields(v any) {
	b, _ := json.Marshal(v) // there is no error
	if len(b) > len("{}") {
		w.o.Write(append([]byte{','}, b[1:len(b)-1]...))
	}
}

// content adds a field with what r gives, in base64, and says how many octets that were. The error is r's: the object
// is well-formed nevertheless.
func (w *objectWriter) content(name string, r io.Reader) (int64, error) {
	io.WriteString(w.o, `,"`+name+`":"`)
	enc := base64.NewEncoder(base64.StdEncoding, w.o)
	n, err := io.CopyBuffer(struct{ io.Writer }{enc}, struct{ io.Reader }{r}, make([]byte, 32<<10))
	enc.Close()
	io.WriteString(w.o, `"`)
	return n, err
}

// text adds a field with the UTF-8 that r gives.
func (w *objectWriter) text(name string, r io.Reader) error {
	io.WriteString(w.o, `,"`+name+`":"`)
	defer io.WriteString(w.o, `"`)
	buf := make([]byte, pieceOfValue)
	for kept := 0; ; {
		n, err := r.Read(buf[kept:])
		n += kept
		whole := n
		if err == nil {
			whole -= runeBegun(buf[:n])
		}
		w.piece(string(buf[:whole]))
		kept = copy(buf, buf[whole:n])
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// runeBegun is how many octets at the end of b are the beginning of a character.
func runeBegun(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if utf8.FullRune(b[len(b)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}
