package mimetool

import (
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// A guessModel is a charset that a text may be in, and what a text in it looks like.
type guessModel struct {
	charset
	script guessScript
	common string // its commonest letters beyond ASCII
	letter string // other letters of its languages
	needs  string // of which every text has one
}

// A guessScript says how the letters of a model stand in words.
type guessScript int

const (
	latinScript guessScript = iota // among ASCII letters
	otherScript                    // never beside them
	eastScript                     // two octets a character
)

// guessModels are the charsets that are guessed, the first of equals first. They are made when they are needed: the
// tables that chardet libraries build cost half a millisecond at each start of the program.
func guessModels() []guessModel {
	return []guessModel{
		{latinCharset(), latinScript, "éèàäöüßáíóúñçãõâêîôëïåæøÄÖÜÉÅØ", "œùìòûýÆÁÍÓÚÑÇÀÈÊÂÎÔÃÕðþ¡¿", ""},
		{charset{"windows-1251", charmap.Windows1251}, otherScript, cyrillicCommon, cyrillicLetters, ""},
		{charset{"koi8-r", charmap.KOI8R}, otherScript, cyrillicCommon, cyrillicLetters, ""},
		{charset{"shift_jis", japanese.ShiftJIS}, eastScript, japaneseCommon, "ー", ""},
		{charset{"gb18030", simplifiedchinese.GB18030}, eastScript, simplifiedCommon, "", ""},
		{charset{"euc-jp", japanese.EUCJP}, eastScript, japaneseCommon, "ー", ""},
		{charset{"big5", traditionalchinese.Big5}, eastScript, traditionalCommon, "", ""},
		{charset{"euc-kr", korean.EUCKR}, eastScript, koreanCommon, "", ""},
		{charset{"iso-8859-2", charmap.ISO8859_2}, latinScript, centralCommon, centralLetters, ""},
		{charset{"windows-1250", charmap.Windows1250}, latinScript, centralCommon, centralLetters, ""},
		{charset{"windows-1254", charmap.Windows1254}, latinScript, "çğıöşüÇĞİÖŞÜ", "âîû", ""},
		{charset{"windows-1253", charmap.Windows1253}, otherScript, "αοιετσνηυρπκμλωςάίόέή", "δγχθφύβώξζψϊϋΆΈΉΊΌΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", "άέήίόύώΆΈΉΊΌΎΏ"},
		{charset{"windows-1255", charmap.Windows1255}, otherScript, "יוהלאתמרבשנ", "דחקפעכסצגטזםןךףץ", ""},
		{charset{"windows-1256", charmap.Windows1256}, otherScript, "اليمنوتربةعدسفحكقه", "جشصطخضذثغظءئؤىأإآ،؟", ""},
		{charset{"windows-874", charmap.Windows874}, otherScript, "านรกเองมยลวดทตสคบปหแจพชข่้ีิัืุ", "ใไโะูฉซณญถธผฝฟภศษฮอำ์็๊๋ฎฏฐฑฒฌฆฯๆ", ""},
		{charset{"iso-8859-5", charmap.ISO8859_5}, otherScript, cyrillicCommon, cyrillicLetters, ""},
	}
}

const (
	cyrillicCommon  = "оеаинтсрвлкмдпуя"
	cyrillicLetters = "ыьгзбчйхжшюцщэфёъіїєґОЕАИНТСРВЛКМДПУЯЫЬГЗБЧЙХЖШЮЦЩЭФЁЪІЇЄҐ"

	centralCommon  = "ąęłśćńżóáéíýčěřšžůúőűöü"
	centralLetters = "źďňťôľĺŕăâîşţäĄĘŁŚĆŃŻŹÓÁÉÍÝČĎĚŇŘŠŤŽŮÚŐŰÖÜĽ"

	japaneseCommon = "のにるたいはをとがしてでなかっんまこうすりられものきさくあれけせよおえみちつめやそどだ" +
		"ルスートンドリクアイッラレタロメプシテフバムマサコ" +
		"日一人年大国本中会事者社出分生行自同上東前立部長時間場金入業地作方員体手学新定発代理通信" +
		"文書注送用意見問合無月今回下明内外名高所連絡件確認登録更完了重要知案報告料請求予約届変開始"
	simplifiedCommon = "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天" +
		"而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同三已从动两长知民样现分将外但身些与" +
		"高意进法此实回二理美点月明其全工话者向情部正名定问力机给等业最间新什打便位因重被电第门相次政海口使教西再平真" +
		"世信关并内加化由代产入先水万市体别处总才场师书比员性通目报立件安表原车应路期常提感金更反合放做计司利受果及今" +
		"务制解各任物台记共接许服题建南度统字请交论科元结指思非流管资带条联展该领传近治决保达办运完区求品单票价货款银订购送款附注项议"
	traditionalCommon = "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可裡後小麼心多天" +
		"而能好都然沒日於起還發成事只作當想看文無開手用主行方又如前所本見經頭面公同三已從動兩長知民樣現分將外但身些與" +
		"高意進法此實回二理美點月明其全工話者向情部正名定問力機給等業最間新什打便位因重被電第門相次政海口使教西再平真" +
		"世信關並內加化由代產入先水萬市體別處總才場師書比員性通目報立件安表原車應路期常提感金更反合放做計司利受果及今" +
		"務制解各任物台記共接許服題建南度統字請交論科元結指思非流管資帶條聯展該領傳近治決保達辦運完區求品單票價貨款銀訂購送附注項議確認"
	koreanCommon = "이다는의에을가를하은고지한기로사자어도리해시서나인대그수있들전부아일정스으보제여라만요과주와안구소상동" +
		"장원세비니면것문신성관경중선공용방법조식모양계약성무회확메내금발체화실견입연결등드우미건니다까습녕님감려"
)
