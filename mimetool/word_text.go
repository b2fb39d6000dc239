package mimetool

// isPlainText tells whether s is its own decoded form: printable ASCII and TAB, nothing that looks like a word.
func isPlainText(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' && c != '\t' || c >= 0x7f {
			return false
		}
		if c == '=' && i+1 < len(s) && s[i+1] == '?' {
			return false
		}
	}
	return true
}

func trimBlankString(s string) string {
	for len(s) > 0 && isBlank(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isBlankText(s string) bool { return trimBlankString(s) == "" }
