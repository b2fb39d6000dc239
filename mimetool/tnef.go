package mimetool

func (x *extractor) tnef(p *Part, s *spool) error { return nil }
