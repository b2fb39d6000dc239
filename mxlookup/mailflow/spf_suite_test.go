package mailflow

import (
	"context"
	"net/netip"
	"strings"
	"testing"
)

// spfCase is a letter: who says it sends, from where, and what the policy makes of it (RFC 7208 §2.6).
type spfCase struct{ sender, ip, want string }

// spfSuite are worlds with a policy each and the letters that come there, by the RFC's sections. Where results are
// joined by "|", implementations may choose.
func spfSuite() map[string]struct {
	zone  string
	cases []spfCase
} {
	return map[string]struct {
		zone  string
		cases []spfCase
	}{
		"§4.3, §4.5: which record": {`
one.test. TXT "v=spf1 -all"
two.test. TXT "v=spf1 -all"
two.test. TXT "v=spf1 +all"
other.test. TXT "some text"
other.test. TXT "v=spf1 -all"
ten.test. TXT "v=spf10 -all"
tab.test. TXT "v=spf1	-all"
bare.test. TXT "v=spf1"
upper.test. TXT "V=sPf1 -ALL"
split.test. TXT "v=spf" "1 -a" "ll"
none.test. A 192.0.2.1
fails.test. TXT SERVFAIL
`, []spfCase{
			{"a@one.test", "192.0.2.1", "fail"},
			{"a@two.test", "192.0.2.1", "permerror"},
			{"a@other.test", "192.0.2.1", "fail"},
			{"a@ten.test", "192.0.2.1", "none"},
			{"a@tab.test", "192.0.2.1", "none"},
			{"a@bare.test", "192.0.2.1", "neutral"},
			{"a@upper.test", "192.0.2.1", "fail"},
			{"a@split.test", "192.0.2.1", "fail"}, // §3.3: joined without a space
			{"a@none.test", "192.0.2.1", "none"},
			{"a@gone.test", "192.0.2.1", "none"},
			{"a@fails.test", "192.0.2.1", "temperror"},
		}},
		"§4.6: terms": {`
mod.test. TXT "v=spf1 a-mod=x foo=y -all"
unknown.test. TXT "v=spf1 foo:x -all"
later.test. TXT "v=spf1 ip4:192.0.2.1 foo:x -all"
neutral.test. TXT "v=spf1 ip4:192.0.2.9"
order.test. TXT "v=spf1 ip4:192.0.2.1 -ip4:192.0.2.1 ?all"
signs.test. TXT "v=spf1 ?ip4:192.0.2.1 ~ip4:192.0.2.2 -ip4:192.0.2.3 +ip4:192.0.2.4"
spaces.test. TXT "v=spf1    ip4:192.0.2.1   -all   "
`, []spfCase{
			{"a@mod.test", "192.0.2.1", "fail"},
			{"a@unknown.test", "192.0.2.1", "permerror"},
			{"a@later.test", "192.0.2.1", "pass|permerror"}, // the whole policy may be read first
			{"a@neutral.test", "192.0.2.1", "neutral"},
			{"a@order.test", "192.0.2.1", "pass"},
			{"a@signs.test", "192.0.2.1", "neutral"},
			{"a@signs.test", "192.0.2.2", "softfail"},
			{"a@signs.test", "192.0.2.3", "fail"},
			{"a@signs.test", "192.0.2.4", "pass"},
			{"a@signs.test", "192.0.2.5", "neutral"},
			{"a@spaces.test", "192.0.2.1", "pass"},
		}},
		"§4.6.4: limits": {`
eleven.test. TXT "v=spf1 a:x a:x a:x a:x a:x a:x a:x a:x a:x a:x a:x -all"
ten.test. TXT "v=spf1 a:x a:x a:x a:x a:x a:x a:x a:x a:x a:x ip4:192.0.2.1 -all"
loop.test. TXT "v=spf1 include:loop.test -all"
round.test. TXT "v=spf1 include:round2.test"
round2.test. TXT "v=spf1 include:round.test"
redirected.test. TXT "v=spf1 redirect=redirected.test"
void.test. TXT "v=spf1 a:v1.test a:v2.test a:v3.test ip4:192.0.2.1 -all"
voidtwo.test. TXT "v=spf1 a:v1.test a:v2.test ip4:192.0.2.1 -all"
manymx.test. TXT "v=spf1 mx -all"
x. A 198.51.100.1
` + suiteHosts("manymx.test", 11), []spfCase{
			{"a@eleven.test", "192.0.2.1", "permerror"},
			{"a@ten.test", "192.0.2.1", "pass"},
			{"a@loop.test", "192.0.2.1", "permerror"},
			{"a@round.test", "192.0.2.1", "permerror"},
			{"a@redirected.test", "192.0.2.1", "permerror"},
			{"a@void.test", "192.0.2.1", "permerror"},
			{"a@voidtwo.test", "192.0.2.1", "pass"},
			{"a@manymx.test", "192.0.2.99", "permerror"},
		}},
		"§5.2: include": {`
ok.test. TXT "v=spf1 include:pass.test -all"
softly.test. TXT "v=spf1 include:soft.test -all"
fails.test. TXT "v=spf1 include:fail.test ?all"
nothing.test. TXT "v=spf1 include:none.test ?all"
wrong.test. TXT "v=spf1 include:error.test ?all"
later.test. TXT "v=spf1 include:broken.test ?all"
empty.test. TXT "v=spf1 include ?all"
pass.test. TXT "v=spf1 ip4:192.0.2.1 -all"
soft.test. TXT "v=spf1 ~all"
fail.test. TXT "v=spf1 -all"
none.test. TXT "hello"
error.test. TXT "v=spf1 foo:x"
broken.test. TXT SERVFAIL
`, []spfCase{
			{"a@ok.test", "192.0.2.1", "pass"},
			{"a@ok.test", "192.0.2.2", "fail"},
			{"a@softly.test", "192.0.2.1", "fail"},
			{"a@fails.test", "192.0.2.1", "neutral"},
			{"a@nothing.test", "192.0.2.1", "permerror"},
			{"a@wrong.test", "192.0.2.1", "permerror"},
			{"a@later.test", "192.0.2.1", "temperror"},
			{"a@empty.test", "192.0.2.1", "permerror"},
		}},
		"§5.3, §5.4: a and mx": {`
a.test. TXT "v=spf1 a -all"
a.test. A 192.0.2.1
a.test. AAAA 2001:db8::1
net.test. TXT "v=spf1 a:a.test/24 -all"
six.test. TXT "v=spf1 a:a.test//32 -all"
both.test. TXT "v=spf1 a:a.test/24//32 -all"
zero.test. TXT "v=spf1 a:a.test/0 -all"
broad.test. TXT "v=spf1 a:a.test/33 -all"
alias.test. TXT "v=spf1 a:cn.test -all"
cn.test. CNAME a.test.
mx.test. TXT "v=spf1 mx -all"
mx.test. MX 10 a.test.
mx.test. MX 20 none.test.
mx.test. A 192.0.2.77
implicit.test. TXT "v=spf1 mx -all"
implicit.test. A 192.0.2.1
nullmx.test. TXT "v=spf1 mx -all"
nullmx.test. MX 0 .
mxnet.test. TXT "v=spf1 mx:mx.test/24 -all"
fails.test. TXT "v=spf1 a:broken.test -all"
broken.test. TXT SERVFAIL
`, []spfCase{
			{"a@a.test", "192.0.2.1", "pass"},
			{"a@a.test", "192.0.2.2", "fail"},
			{"a@a.test", "2001:db8::1", "pass"},
			{"a@a.test", "2001:db8::2", "fail"},
			{"a@net.test", "192.0.2.200", "pass"},
			{"a@net.test", "192.0.3.200", "fail"},
			{"a@net.test", "2001:db8::2", "fail"}, // /24 is for IPv4 alone
			{"a@six.test", "2001:db8:1::2", "pass"},
			{"a@six.test", "192.0.2.2", "fail"},
			{"a@both.test", "192.0.2.2", "pass"},
			{"a@both.test", "2001:db8:1::2", "pass"},
			{"a@zero.test", "203.0.113.1", "pass"},
			{"a@broad.test", "192.0.2.1", "permerror"},
			{"a@alias.test", "192.0.2.1", "pass"},
			{"a@mx.test", "192.0.2.1", "pass"},
			{"a@mx.test", "192.0.2.77", "fail"},
			{"a@implicit.test", "192.0.2.1", "fail"}, // §5.4: the implicit MX does not count
			{"a@nullmx.test", "192.0.2.1", "fail"},
			{"a@mxnet.test", "192.0.2.9", "pass"},
			{"a@fails.test", "192.0.2.1", "temperror"},
		}},
		"§5.5: ptr": {`
ptr.test. TXT "v=spf1 ptr -all"
named.test. TXT "v=spf1 ptr:ptr.test -all"
host.ptr.test. A 192.0.2.1
1.2.0.192.in-addr.arpa. PTR host.ptr.test.
2.2.0.192.in-addr.arpa. PTR host.ptr.test.
3.2.0.192.in-addr.arpa. PTR host.notptr.test.
host.notptr.test. A 192.0.2.3
`, []spfCase{
			{"a@ptr.test", "192.0.2.1", "pass"},
			{"a@ptr.test", "192.0.2.2", "fail"}, // it does not lead back
			{"a@ptr.test", "192.0.2.3", "fail"}, // of another domain
			{"a@named.test", "192.0.2.1", "pass"},
			{"a@named.test", "192.0.2.9", "fail"},
		}},
		"§5.6: ip4 and ip6": {`
ip4.test. TXT "v=spf1 ip4:192.0.2.0/25 -all"
bad4.test. TXT "v=spf1 ip4:192.0.2.0/33 -all"
short.test. TXT "v=spf1 ip4:192.0.2 -all"
colon.test. TXT "v=spf1 ip4 -all"
ip6.test. TXT "v=spf1 ip6:2001:db8::/33 -all"
bad6.test. TXT "v=spf1 ip6:2001:db8::/129 -all"
mapped.test. TXT "v=spf1 ip4:192.0.2.1 -all"
all4.test. TXT "v=spf1 ip4:0.0.0.0/0 -all"
`, []spfCase{
			{"a@ip4.test", "192.0.2.127", "pass"},
			{"a@ip4.test", "192.0.2.128", "fail"},
			{"a@ip4.test", "2001:db8::1", "fail"},
			{"a@bad4.test", "192.0.2.1", "permerror"},
			{"a@short.test", "192.0.2.1", "permerror"},
			{"a@colon.test", "192.0.2.1", "permerror"},
			{"a@ip6.test", "2001:db8:7fff::1", "pass"},
			{"a@ip6.test", "2001:db8:8000::1", "fail"},
			{"a@ip6.test", "192.0.2.1", "fail"},
			{"a@bad6.test", "2001:db8::1", "permerror"},
			{"a@mapped.test", "::ffff:192.0.2.1", "pass"}, // §5: treated as the IPv4 address
			{"a@all4.test", "198.51.100.1", "pass"},
		}},
		"§5.7, §6.1: exists and redirect": {`
exists.test. TXT "v=spf1 exists:yes.test -all"
yes.test. A 127.0.0.2
v6only.test. TXT "v=spf1 exists:six.test -all"
six.test. AAAA 2001:db8::1
to.test. TXT "v=spf1 redirect=exists.test"
after.test. TXT "v=spf1 redirect=exists.test ip4:192.0.2.7 -all"
nowhere.test. TXT "v=spf1 redirect=gone.test"
`, []spfCase{
			{"a@exists.test", "192.0.2.1", "pass"},
			{"a@exists.test", "2001:db8::1", "pass"}, // an A record, whatever the sender's family
			{"a@v6only.test", "192.0.2.1", "fail"},
			{"a@to.test", "192.0.2.1", "pass"},
			{"a@after.test", "192.0.2.7", "pass"}, // wherever it stands, it comes last
			{"a@after.test", "192.0.2.8", "fail"},
			{"a@nowhere.test", "192.0.2.1", "permerror"},
		}},
		"§7: macros": {`
ip.test. TXT "v=spf1 exists:%{ir}.%{v}.x.test -all"
1.2.0.192.in-addr.x.test. A 127.0.0.2
helo.test. TXT "v=spf1 exists:%{h}.x.test -all"
helo.example.x.test. A 127.0.0.2
local.test. TXT "v=spf1 exists:%{l}.x.test -all"
postmaster.x.test. A 127.0.0.2
upper.test. TXT "v=spf1 exists:%{L}.x.test -all"
percent.test. TXT "v=spf1 exists:%%.x.test -all"
%.x.test. A 127.0.0.2
bad.test. TXT "v=spf1 exists:%{z}.x.test -all"
cut.test. TXT "v=spf1 exists:%{i.x.test -all"
lone.test. TXT "v=spf1 exists:%.x.test -all"
zero.test. TXT "v=spf1 exists:%{d0}.x.test -all"
`, []spfCase{
			{"a@ip.test", "192.0.2.1", "pass"},
			{"a@ip.test", "192.0.2.2", "fail"},
			{"a@helo.test", "192.0.2.1", "pass"},
			{"postmaster@local.test", "192.0.2.1", "pass"},
			{"@local.test", "192.0.2.1", "pass"}, // §4.3: without a local part it is postmaster's
			{"a@percent.test", "192.0.2.1", "pass"},
			{"a@bad.test", "192.0.2.1", "permerror"},
			{"a@cut.test", "192.0.2.1", "permerror"},
			{"a@lone.test", "192.0.2.1", "permerror"},
			{"a@zero.test", "192.0.2.1", "permerror"},
		}},
	}
}

// suiteHosts are n hosts of a domain, each with an address.
func suiteHosts(domain string, n int) string {
	return strings.ReplaceAll(manyHosts(n), "example.org.", domain+".") + "*." + domain + ". A 198.51.100.2\n"
}

// TestSPFSuite: RFC 7208 by its sections, after what implementations have disagreed about.
func TestSPFSuite(t *testing.T) {
	for section, w := range spfSuite() {
		r := world(t, w.zone)
		for _, c := range w.cases {
			got, err := CheckSPF(context.Background(), r, netip.MustParseAddr(c.ip), "helo.example", c.sender)
			if !strings.Contains("|"+c.want+"|", "|"+got+"|") {
				t.Errorf("%s: %s from %s: %s (%v), want %s", section, c.sender, c.ip, got, err, c.want)
			}
		}
	}
}
