package mimetool

import (
	"errors"
	"strings"
	"testing"
)

// wordsAddresses shows a list as "name|addr|group" with " / " between.
func wordsAddresses(list []Address) string {
	var all []string
	for _, a := range list {
		all = append(all, strings.TrimRight(a.Name+"|"+a.Addr+"|"+a.Group, "|"))
	}
	return strings.Join(all, " / ")
}

func TestParseAddressList(t *testing.T) {
	for _, c := range []struct{ why, raw, want, defects string }{
		{"RFC 5322 A.1.1", "John Doe <jdoe@machine.example>", "John Doe|jdoe@machine.example", ""},
		{"RFC 5322 A.1.1", "Mary Smith <mary@example.net>", "Mary Smith|mary@example.net", ""},
		{"RFC 5322 A.1.2", `"Joe Q. Public" <john.q.public@example.com>`, "Joe Q. Public|john.q.public@example.com", ""},
		{
			"RFC 5322 A.1.2", "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
			"Mary Smith|mary@x.test / |jdoe@example.org / Who?|one@y.test", "",
		},
		{
			"RFC 5322 A.1.2", `<boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>`,
			`|boss@nil.test / Giant; "Big" Box|sysservices@example.net`, "",
		},
		{
			"RFC 5322 A.1.3", "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
			"Ed Jones|c@a.test|A Group / |joe@where.test|A Group / John|jdoe@one.test|A Group", "",
		},
		{"RFC 5322 A.1.3", "Undisclosed recipients:;", "||Undisclosed recipients", ""},
		{"RFC 5322 A.2", `"Mary Smith: Personal Account" <smith@home.example>`, "Mary Smith: Personal Account|smith@home.example", ""},
		{"RFC 5322 A.3", "j-brown@other.example", "|j-brown@other.example", ""},
		{
			"RFC 5322 A.5", `Pete(A nice \) chap) <pete(his account)@silly.test(his host)>`,
			"Pete|pete@silly.test", "",
		},
		{
			"RFC 5322 A.5",
			"A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
			"Chris Jones|c@public.example|A Group / |joe@example.org|A Group / John|jdoe@one.test|A Group", "",
		},
		{"RFC 5322 A.5", "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "||Hidden recipients", ""},
		{"RFC 5322 A.6.1", "Joe Q. Public <john.q.public@example.com>", "Joe Q. Public|john.q.public@example.com", "phrase-dot"},
		{
			"RFC 5322 A.6.1", "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
			"Mary Smith|mary@example.net / |jdoe@test.example", "address-route address-blank",
		},
		{"RFC 5322 A.6.3", "John Doe <jdoe@machine(comment).  example>", "John Doe|jdoe@machine.example", "address-blank"},
		{"RFC 5322 A.6.3", "Mary Smith\r\n  \r\n          <mary@example.net>", "Mary Smith|mary@example.net", ""},

		{"RFC 2047 §8", "=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore|moore@cs.utk.edu", ""},
		{"RFC 2047 §8", "=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>", "André Pirard|PIRARD@vm1.ulg.ac.be", ""},
		{
			"RFC 2047 §8", "Nathaniel Borenstein <nsb@thumper.bellcore.com>\r\n (=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=)",
			"Nathaniel Borenstein|nsb@thumper.bellcore.com", "",
		},
		{"RFC 2047 §8, in a comment", "x@y (=?ISO-8859-1?Q?a?=)", "a|x@y", ""},
		{"RFC 2047 §8, in a comment", "x@y (=?ISO-8859-1?Q?a?= b)", "a b|x@y", ""},
		{"RFC 2047 §8, in a comment", "x@y (=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "ab|x@y", ""},
		{"RFC 2047 §8, in a comment", "x@y (=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "a b|x@y", ""},
		{"RFC 6532", `"Jöhn" <jdöe@mächine.example>`, "Jöhn|jdöe@mächine.example", ""},
		{"RFC 5322 §3.4.1, a literal", "joe@[192.0.2.1]", "|joe@[192.0.2.1]", ""},
		{"RFC 5322 §3.4.1, a quoted local part", `"joe smith"@x.test, "joe"@x.test, "a@b"@c`, `|"joe smith"@x.test / |joe@x.test / |"a@b"@c`, ""},
		{"RFC 5322 §4.4, words with quotes", `"a b".c@x`, `|"a b.c"@x`, ""},
		{"RFC 5322 §4.4, two hosts on the way", "<@a.test,@b.test:x@c.test>", "|x@c.test", "address-route"},
		{"RFC 5322 §4.4, an empty route element", "<,,@a.test:x@c.test>", "|x@c.test", "address-route"},
		{"RFC 5322 §3.6.7, no return path", "<>", "", "address-empty"},
		{"nothing", "", "", ""},
		{"comments only", "(nobody)", "", ""},

		{"words in quotes", `"=?utf-8?Q?J=C3=BCrgen?=" <j@x>`, "Jürgen|j@x", "word-quoted"},
		{"a comma in a word", "=?utf-8?Q?Doe, J?= <j@x>", "Doe, J|j@x", "address-word-special word-blank"},
		{"a character over two words", "=?utf-8?B?0J/R?=\r\n =?utf-8?B?gNC40LI=?= <p@x>", "Прив|p@x", ""},
		{"an address in a word is a name", "=?utf-8?Q?boss=40bank.test?= <thief@x>", "boss@bank.test|thief@x", ""},
		{"no address in a word", "=?utf-8?Q?=3Ca=40b=3E?=", "<a@b>", "address-missing"},
		{"a word in the brackets", "<=?utf-8?Q?a=40b.test?=>", "|a@b.test", "address-domain"},
		{"a word and no address", "=?UTF-16?B?//492Enc?= test", "👉 test", "address-missing"},
		{"an address for a name", "jang@one.test <jang@two.test>", "jang@one.test|jang@two.test", "phrase-special phrase-dot"},
		{"no brackets", "Big Bug bb@bug.test", "Big Bug|bb@bug.test", "address-angle"},
		{"no brackets, the name behind", "bb@bug.test Big Bug", "Big Bug|bb@bug.test", "address-angle"},
		{"no comma", "a@x b@y", "|a@x / |b@y", "address-comma"},
		{"no comma, brackets", "A <a@x> B <b@y>", "A|a@x / B|b@y", "address-comma"},
		{"semicolons", "a@x; b@y;", "|a@x / |b@y", "address-semicolon"},
		{"two signs: none is meant", "a@b@c", "a@b@c", "address-at"},
		{"two signs in brackets", "X <a@b@c>", "X", "address-at"},
		{"no domain", "foo", "|foo", "address-domain"},
		{"no domain in brackets", "Foo <foo>", "Foo|foo", "address-domain"},
		{"a sign alone", "@", "@", "address-at"},
		{"no local part", "<@x.test>", "@x.test", "address-at"},
		{"a name alone", "John Doe", "John Doe", "address-missing"},
		{"a name in brackets", "<John Doe>", "John Doe", "address-domain"},
		{"cut by a fold", "<joe@exam\r\n ple.test>", "|joe@example.test", "address-fold address-blank"},
		{"words before the address in brackets", "<mail.test joe@mail.test>", "|joe@mail.test", "address-junk"},
		{"brackets not closed", "Joe <joe@x.test, mary@y.test", "Joe|joe@x.test / |mary@y.test", "angle-open"},
		{"brackets twice", "<<a@x>>", "|a@x", "angle-open angle-close"},
		{"mailto", "<mailto:a@x>", "|a@x", "address-mailto"},
		{"a group not closed", "G: a@x, b@y", "|a@x|G / |b@y|G", "group-open"},
		{"a group in a group", "G: H: a@x;", "H|a@x|G", "address-colon address-angle"},
		{"dots", "a..b@x, c.@y", "|a..b@x / |c.@y", "address-dot"},
		{"square brackets in a name", "[List] A <a@x>", "[List] A|a@x", "address-special"},
		{"quotes that do not end", `"Joe <joe@x>`, `"Joe|joe@x`, "quote-open address-special"},
		{"a comment that does not end", "Joe (x <joe@x>", "Joe (x|joe@x", "comment-open address-special"},
		{"something after the brackets", "<a@x> Joe", "Joe|a@x", "address-junk"},
		{"line ends in a name", "=?utf-8?Q?a=0Ab?= <a@x>", "a b|a@x", "word-control"},
		{"raw Latin", "J\xf6rg <j@x>", "Jörg|j@x", "header-8bit"},
	} {
		list, defects := ParseAddressList(c.raw, WordOptions{})
		if got := wordsAddresses(list); got != c.want || wordsNames(defects) != c.defects {
			t.Errorf("%s: %q:\n got %q [%s]\nwant %q [%s]", c.why, c.raw, got, wordsNames(defects), c.want, c.defects)
		}
	}
}

func TestParseAddressesStrict(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"a@x.test", "|a@x.test"},
		{"A B <a@x.test>, b@y.test", "A B|a@x.test / |b@y.test"},
		{"G: a@x.test, b@y.test;", "|a@x.test|G / |b@y.test|G"},
		{"G:;, a@x.test", "|a@x.test"},
		{"John Q. Public <a@x.test>", "John Q. Public|a@x.test"},
		{"<@r.test:a@x.test>", "|a@x.test"},
		{"a(c)@x.test", "|a@x.test"},
		{`"a b"@x.test`, `|"a b"@x.test`},
		{"jörg@müller.test", "|jörg@müller.test"},
		{"=?utf-8?Q?J=C3=B6rg?= <a@x.test>", "Jörg|a@x.test"},
		{"a@[192.0.2.1], a@[IPv6:2001:db8::1]", "|a@[192.0.2.1] / |a@[IPv6:2001:db8::1]"},
		{"a+b=c!d#$%&'*/?^`{|}~@x_y.test", "|a+b=c!d#$%&'*/?^`{|}~@x_y.test"},
	} {
		list, err := ParseAddresses(c.raw, AddressSyntax{})
		if got := wordsAddresses(list); err != nil || got != c.want {
			t.Errorf("%q: %q, %v; want %q", c.raw, got, err, c.want)
		}
	}
	for _, c := range []struct {
		raw    string
		offset int
	}{
		{"", 0},
		{" ", 0},
		{"a", 0},
		{"a@", 1},
		{"@x", 0},
		{"a@x, b", 5},
		{"a@b@c", 1},
		{"<a@x", 0},
		{"a@x>", 3},
		{"<>", 0},
		{"A <a@x> b", 8},
		{"A a@x", 0},
		{"a@x b@y", 4},
		{"a@x; b@y", 3},
		{"G: a@x", 6},
		{`"a@x`, 0},
		{"a@x (b", 4},
		{"a..b@x", 2},
		{".a@x", 0},
		{"a.@x", 1},
		{"a@x..y", 4},
		{"a@-x.test", 2},
		{"a@x_.test-", 2},
		{"a@x!y", 2},
		{"a@[1.2.3]", 2},
		{"a@[IPv6:zz]", 2},
		{"a@x\x00", 2},
		{"a\x01@x", 0},
		{"a\xff@x", 1},
		{"\"a\x01\"@x", 0},
		{"\"a\x01\" <a@x>", 0},
		{"[x] <a@x>", 0},
		{"a@y <a@x>", 1},
		{"<mailto:a@x>", 0},
		{"=?utf-8?Q?a, b?= <a@x>", 0},
		{"a@" + strings.Repeat("x", 64) + ".test", 2},
		{"a@" + strings.Repeat("x.", 130) + "test", 2},
	} {
		list, err := ParseAddresses(c.raw, AddressSyntax{})
		var bad *AddressError
		if !errors.As(err, &bad) || bad.Offset != c.offset || bad.Ref == "" || bad.Error() == "" {
			t.Errorf("%q: %v %v, want an error at %d", c.raw, list, err, c.offset)
		}
	}
}

func TestParseAddressSyntax(t *testing.T) {
	a, err := ParseAddress("root", AddressSyntax{Local: true})
	if err != nil || a.Addr != "root" || a.Local() != "root" || a.Domain() != "" {
		t.Errorf("%+v %v", a, err)
	}
	if a, err := ParseAddress("<>", AddressSyntax{Empty: true}); err != nil || a.Addr != "" {
		t.Errorf("%+v %v", a, err)
	}
	if a, err := ParseAddress("", AddressSyntax{Empty: true}); err != nil || a.Addr != "" {
		t.Errorf("%+v %v", a, err)
	}
	for _, s := range []string{"a@x, b@y", "G: a@x;", "G:;", "a b"} {
		if a, err := ParseAddress(s, AddressSyntax{Local: true}); err == nil {
			t.Errorf("%q: %+v", s, a)
		}
	}
}

func TestAddressForms(t *testing.T) {
	for _, c := range []struct{ raw, str, local, domain, ascii string }{
		{"a@x.test", "a@x.test", "a", "x.test", "a@x.test"},
		{`"a\"b"@x.test`, `"a\"b"@x.test`, `a"b`, "x.test", `"a\"b"@x.test`},
		{`"a@b"@[192.0.2.1]`, `"a@b"@[192.0.2.1]`, "a@b", "[192.0.2.1]", `"a@b"@[192.0.2.1]`},
		{`"Doe, J." <a@x>`, `"Doe, J." <a@x>`, "a", "x", "a@x"},
		{"J D <a@Bücher.test>", "J D <a@Bücher.test>", "a", "Bücher.test", "a@xn--bcher-kva.test"},
	} {
		list, _ := ParseAddressList(c.raw, WordOptions{})
		if len(list) != 1 {
			t.Fatalf("%q: %v", c.raw, list)
		}
		a := list[0]
		ascii, err := a.ASCII()
		if a.String() != c.str || a.Local() != c.local || a.Domain() != c.domain || ascii != c.ascii || err != nil {
			t.Errorf("%q: %q %q %q %q %v", c.raw, a.String(), a.Local(), a.Domain(), ascii, err)
		}
		if again, err := ParseAddress(a.String(), AddressSyntax{}); err != nil || again != a {
			t.Errorf("%q: read again %+v %v", a.String(), again, err)
		}
		if m := a.Mail(); m.Name != a.Name || m.Address != c.local+"@"+c.domain {
			t.Errorf("%q: %+v", c.raw, m)
		}
	}
	if _, err := (Address{Addr: "a@\u2028.test"}).ASCII(); err == nil {
		t.Error("IDNA takes a line separator")
	}
	if s := (Address{Group: "Nobody here"}).String(); s != "Nobody here:;" {
		t.Errorf("%q", s)
	}
}

func FuzzParseAddressList(f *testing.F) {
	for _, s := range []string{
		`Pete(A nice \) chap) <pete(his account)@silly.test(his host)>`, "G: a@x, B <b@y>;", "<@a,@b:c@d>", `"a b".c@[1.2.3.4]`,
		"=?utf-8?Q?a, b?= <=?utf-8?Q?a=40b?=>", "a@b@c", "a@x b@y <c@z", "\"", "(", "<<:;>,", "a..b@x.", "<(c)::>", "\"\x11\"@0",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		list, _ := ParseAddressList(raw, WordOptions{})
		for _, a := range list {
			wordsOneLine(t, a.Name)
			wordsOneLine(t, a.Addr)
			wordsOneLine(t, a.Group)
		}
		strict, err := ParseAddresses(raw, AddressSyntax{})
		if err != nil {
			return
		}
		for _, a := range strict {
			again, err := ParseAddress(Address{Name: a.Name, Addr: a.Addr}.String(), AddressSyntax{})
			if err != nil || again.Addr != a.Addr {
				t.Errorf("%q: %+v is read again as %+v, %v", raw, a, again, err)
			}
		}
	})
}
