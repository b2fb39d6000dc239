package main

import (
	"posta/mimetool"
	"posta/mimetool/stream"
)

// partObject is what mime part --json prints of a part before its content.
type partObject struct {
	*imapPlace
	File        string            `json:"file,omitempty"`
	Message     int               `json:"message,omitempty"`
	Number      string            `json:"part"`
	Type        string            `json:"type"`
	Params      map[string]string `json:"params,omitempty"`
	Encoding    string            `json:"encoding,omitempty"`
	Disposition string            `json:"disposition,omitempty"`
	Name        string            `json:"name,omitempty"`
	ContentID   string            `json:"content_id,omitempty"`
	Description string            `json:"description,omitempty"`
}

// partEnd is what it prints after that.
type partEnd struct {
	Truncated bool              `json:"truncated,omitempty"` // the content is not whole
	Defects   []mimetool.Defect `json:"defects,omitempty"`
}

func (j *partJob) object(m *stream.Message, p *mimetool.Part, out *output) error {
	o := partObject{
		imapPlace: j.place, File: m.Name, Message: m.Index, Number: p.Number, Type: p.Type, Params: paramMap(p.Params()), Encoding: p.Encoding, Name: p.Name(),
		ContentID: p.ContentID(), Description: p.Description(),
	}
	o.Disposition, _ = p.Disposition()
	w, err := out.object(&o)
	if err != nil {
		return err
	}
	contentErr := j.objectContent(p, w)
	w.fields(partEnd{contentErr != nil, append(p.Defects[:len(p.Defects):len(p.Defects)], p.BodyDefects()...)})
	if err := w.end(); err != nil {
		return err
	}
	return contentErr
}

// objectContent writes what the flags ask for: the header, the text, or the octets.
func (j *partJob) objectContent(p *mimetool.Part, w *objectWriter) error {
	switch {
	case j.opt.header:
		words := mimetool.WordOptions{Charset: p.Charset()}
		w.list("header")
		for _, f := range p.Header {
			if f.Name != "" {
				text, _ := mimetool.DecodeField(f, words)
				w.field(headerField{Name: f.Name, Value: text})
			}
		}
		w.endList()
		return nil
	case j.isText(p):
		text, err := utf8Text(p)
		if err != nil {
			return err
		}
		return w.text("text", text)
	}
	body := p.Decoded()
	if j.opt.raw {
		body = p.Raw()
	}
	_, err := w.content("content", body)
	return err
}

// paramMap is parameters as an object, nil where there are none.
func paramMap(list mimetool.Params) map[string]string {
	if len(list) == 0 {
		return nil
	}
	params := make(map[string]string, len(list))
	for _, p := range list {
		params[p.Name] = p.Value
	}
	return params
}
