package mimetool

import "golang.org/x/text/encoding/charmap"

// westernCharset finds the charsets of ISO 8859, of Windows and of the Macintosh, and KOI8: one octet a character. Where
// Windows has a superset it is taken, as every mail program does: what is written under the smaller one's name is it.
func westernCharset(key []byte) charset {
	switch string(key) {
	case "iso88591", "latin1", "l1", "cp819", "ibm819", "isoir100", "csisolatin1", "88591", "iso8859", "iso885911987",
		"windows1252", "cp1252", "win1252", "1252", "cswindows1252", "ansi", "ansi1252", "ms1252", "western", "iso88591windows31latin1":
		return latinCharset()
	case "iso88592", "latin2", "l2", "isoir101", "csisolatin2", "88592":
		return charset{"iso-8859-2", charmap.ISO8859_2}
	case "iso88593", "latin3", "l3", "isoir109", "csisolatin3":
		return charset{"iso-8859-3", charmap.ISO8859_3}
	case "iso88594", "latin4", "l4", "isoir110", "csisolatin4":
		return charset{"iso-8859-4", charmap.ISO8859_4}
	case "iso88595", "cyrillic", "isoir144", "csisolatincyrillic":
		return charset{"iso-8859-5", charmap.ISO8859_5}
	// RFC 1556: -i is the logical order of Unicode, -e has controls; the octets are the same.
	case "iso88596", "arabic", "asmo708", "ecma114", "isoir127", "csisolatinarabic", "iso88596e", "iso88596i", "csiso88596e", "csiso88596i":
		return charset{"iso-8859-6", charmap.ISO8859_6}
	case "iso88597", "greek", "greek8", "ecma118", "elot928", "isoir126", "csisolatingreek", "suneugreek":
		return charset{"iso-8859-7", charmap.ISO8859_7}
	case "iso88598", "hebrew", "isoir138", "csisolatinhebrew", "visual", "logical", "iso88598e", "iso88598i", "csiso88598e", "csiso88598i":
		return charset{"iso-8859-8", charmap.ISO8859_8}
	case "iso88599", "latin5", "l5", "isoir148", "csisolatin5", "windows1254", "cp1254", "win1254", "1254", "cswindows1254", "turkish":
		return charset{"windows-1254", charmap.Windows1254}
	case "iso885910", "latin6", "l6", "isoir157", "csisolatin6":
		return charset{"iso-8859-10", charmap.ISO8859_10}
	case "iso885911", "tis620", "tis6200", "tis62025291", "tis62025331", "windows874", "cp874", "874", "dos874", "ibm874", "thai", "cstis620", "cswindows874":
		return charset{"windows-874", charmap.Windows874}
	case "iso885913", "latin7", "l7", "isoir179", "csiso885913":
		return charset{"iso-8859-13", charmap.ISO8859_13}
	case "iso885914", "latin8", "l8", "isoir199", "isoceltic", "csiso885914":
		return charset{"iso-8859-14", charmap.ISO8859_14}
	case "iso885915", "latin9", "l9", "csisolatin9", "csiso885915", "885915":
		return charset{"iso-8859-15", charmap.ISO8859_15}
	case "iso885916", "latin10", "l10", "isoir226", "csiso885916":
		return charset{"iso-8859-16", charmap.ISO8859_16}
	case "koi8r", "koi8", "koi", "cskoi8r", "cp20866", "20866":
		return charset{"koi8-r", charmap.KOI8R}
	case "koi8u", "koi8ru", "cskoi8u", "cp21866", "21866":
		return charset{"koi8-u", charmap.KOI8U}
	case "macintosh", "mac", "macroman", "csmacintosh", "cp10000":
		return charset{"macintosh", charmap.Macintosh}
	case "maccyrillic", "macintoshcyrillic", "macukrainian", "macukraine", "cp10007":
		return charset{"x-mac-cyrillic", charmap.MacintoshCyrillic}
	}
	return windowsCharset(key)
}

func windowsCharset(key []byte) charset {
	switch string(key) {
	case "windows1250", "cp1250", "win1250", "1250", "ms1250", "cswindows1250":
		return charset{"windows-1250", charmap.Windows1250}
	case "windows1251", "cp1251", "win1251", "1251", "ms1251", "cswindows1251", "win", "ansi1251":
		return charset{"windows-1251", charmap.Windows1251}
	case "windows1253", "cp1253", "win1253", "1253", "cswindows1253":
		return charset{"windows-1253", charmap.Windows1253}
	case "windows1255", "cp1255", "win1255", "1255", "cswindows1255":
		return charset{"windows-1255", charmap.Windows1255}
	case "windows1256", "cp1256", "win1256", "1256", "cswindows1256":
		return charset{"windows-1256", charmap.Windows1256}
	case "windows1257", "cp1257", "win1257", "1257", "cswindows1257":
		return charset{"windows-1257", charmap.Windows1257}
	case "windows1258", "cp1258", "win1258", "1258", "cswindows1258":
		return charset{"windows-1258", charmap.Windows1258}
	}
	return charset{}
}
