package sendmail

import "bytes"

// blot hides in a server's reply what was told to it to log in: some repeat the command that they refuse, and a reply
// is shown in errors and transcripts. Challenges stay as they are, the mechanism needs them.
func blot(line []byte, secrets []string) []byte {
	if bytes.HasPrefix(line, []byte("334")) {
		return line
	}
	for _, secret := range secrets {
		if bytes.Contains(line, []byte(secret)) {
			line = bytes.ReplaceAll(line, []byte(secret), []byte("****"))
		}
	}
	return line
}
