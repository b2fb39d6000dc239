package mimetool

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName is the length of a safe name in octets: what file systems allow (255) less room for a number or a suffix.
const maxName = 230

// SafeName makes a name that a message gives into one that a file may have in a directory. Only the last component of
// a path counts (RFC 2183 §2.3). Control characters and those that turn the direction of writing are dropped, line ends
// become blanks; the name does not begin with a dot, a dash or a blank, is no device of Windows, is in Unicode's
// normal form C and at most 230 octets long. It may be empty.
func SafeName(name string) string {
	if isPlainName(name) {
		return name
	}
	name = lastComponent(cleanName(name))
	name = norm.NFC.String(name)
	name = strings.TrimRight(strings.TrimLeft(name, " "), " .")
	if name == "" {
		return ""
	}
	if name[0] == '.' || name[0] == '-' {
		name = "_" + name[1:]
	}
	if isDevice(name) {
		name = "_" + name
	}
	return shortenName(name, maxName)
}

// isPlainName tells whether there is nothing to be done, as with nearly all names.
func isPlainName(name string) bool {
	if name == "" || len(name) > maxName || name[0] == '.' || name[0] == '-' || name[0] == ' ' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; c < ' ' || c >= 0x7f || c == '/' || c == '\\' {
			return false
		}
	}
	last := name[len(name)-1]
	return last != '.' && last != ' ' && !isDevice(name)
}

// cleanName drops and replaces characters that a name must not have.
func cleanName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case r == '\u200c', r == '\u200d': // joiners are part of how words are written
			return r
		case r == utf8.RuneError:
			return '_'
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, name)
}

// lastComponent is what stands after the last separator of either kind that something stands after.
func lastComponent(name string) string {
	name = strings.TrimRight(name, `/\`)
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

// isDevice tells whether Windows takes the name for a device, whatever its extension.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.TrimRight(stem, " ")
	if len(stem) < 3 || len(stem) > len("CONOUT$") {
		return false
	}
	stem = strings.ToUpper(stem)
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$":
		return true
	}
	port := strings.TrimPrefix(strings.TrimPrefix(stem, "COM"), "LPT")
	return port != stem && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}

// shortenName cuts a name to n octets between characters. An extension of usual length stays.
func shortenName(name string, n int) string {
	if len(name) <= n {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	stem := name[:n-len(ext)]
	for len(stem) > 0 && !utf8.RuneStart(name[len(stem)]) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, " .") + ext
}

// numberName puts a number before the extension: "a.txt" becomes "a-1.txt".
func numberName(name string, suffix string) string {
	ext := path.Ext(name)
	if len(ext) == len(name) {
		ext = ""
	}
	return name[:len(name)-len(ext)] + suffix + ext
}

// twinKey is the same for names that some file systems hold for one: in another case or normal form.
func twinKey(name string) string {
	ascii := true
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(name)
	}
	return strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, norm.NFKC.String(name))
}

// extension is that of a file of the media type, with its dot.
func extension(mediaType string) string {
	switch mediaType {
	case "text/plain":
		return ".txt"
	case "text/html":
		return ".html"
	case "text/calendar":
		return ".ics"
	case "text/csv":
		return ".csv"
	case "text/vcard", "text/x-vcard", "text/directory":
		return ".vcf"
	case "text/xml", "application/xml":
		return ".xml"
	case "message/rfc822", "message/global", "message/news":
		return ".eml"
	case "message/delivery-status", "message/disposition-notification", "text/rfc822-headers", "message/feedback-report":
		return ".txt"
	case "image/jpeg", "image/jpg", "image/pjpeg":
		return ".jpg"
	case "image/svg+xml":
		return ".svg"
	case "image/tiff":
		return ".tif"
	case "image/x-icon", "image/vnd.microsoft.icon":
		return ".ico"
	case "application/pgp-signature", "application/pgp-encrypted":
		return ".asc"
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return ".p7s"
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return ".p7m"
	case "application/ms-tnef":
		return ".dat"
	case "application/json":
		return ".json"
	case "application/msword":
		return ".doc"
	case "application/gzip", "application/x-gzip":
		return ".gz"
	case "application/mac-binhex40":
		return ".hqx"
	case "audio/mpeg":
		return ".mp3"
	case "video/quicktime":
		return ".mov"
	case "video/mpeg":
		return ".mpg"
	}
	// Many types of images, sounds and archives are called as their files end.
	main, sub, _ := strings.Cut(mediaType, "/")
	switch {
	case main == "image" || main == "audio" || main == "video", sub == "pdf", sub == "zip", sub == "rtf":
		if isShortWord(sub) {
			return "." + sub
		}
	case main == "text":
		return ".txt"
	}
	return ".bin"
}

func isShortWord(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(s) >= 2 && len(s) <= 5
}
