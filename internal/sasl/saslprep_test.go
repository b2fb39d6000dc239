package sasl

import "testing"

// The examples of RFC 4013 §3 come first.
func TestSASLprep(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		err            error
	}{
		{"soft hyphen", "I\u00adX", "IX", nil},
		{"no change", "user", "user", nil},
		{"case is kept", "USER", "USER", nil},
		{"NFKC of the ordinal", "\u00aa", "a", nil},
		{"NFKC of the Roman number", "\u2168", "IX", nil},
		{"control character", "\u0007", "", errProhibited},
		{"bidirectional", "\u0627\u0031", "", errBidi},
		{"Arabic with the digit inside", "\u0627\u0031\u0628", "\u0627\u0031\u0628", nil},
		{"Hebrew and Latin", "\u05d0a\u05d0", "", errBidi},
		{"other spaces", "a\u00a0b\u3000c", "a b c", nil},
		{"ASCII punctuation", `~!@#$%^&*()_+{}|:"<>?`, `~!@#$%^&*()_+{}|:"<>?`, nil},
		{"decomposed", "e\u0301", "\u00e9", nil},
		{"private use", "\ue000", "", errProhibited},
		{"non-character", "\U0001ffff", "", errProhibited},
		{"replacement character", "\ufffd", "", errProhibited},
		{"right-to-left mark", "a\u200f", "", errProhibited},
		{"nothing left", "\u00ad", "", errEmpty},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := saslprep(c.in)
			if err != c.err || err == nil && got != c.want {
				t.Errorf("%+q, %v; want %+q, %v", got, err, c.want, c.err)
			}
		})
	}
	if _, err := saslprep("\xff"); err == nil {
		t.Error("what is not UTF-8 passes")
	}
}
