package mailflow

import (
	"context"
	"strings"
)

// checkTLSRPT reads where reports of failed TLS go (RFC 8460 §3).
func (k *check) checkTLSRPT(ctx context.Context) {
	texts, _, err := k.Resolver.TXT(ctx, "_smtp._tls."+k.domain)
	if k.lost("tls-rpt", err) {
		return
	}
	var found []string
	for _, text := range texts {
		if strings.HasPrefix(text, "v=TLSRPTv1") {
			found = append(found, text)
		}
	}
	switch {
	case len(found) == 0 && k.policy == nil:
		k.add(Info, "tls-rpt", "RFC 8460 §3", "", "no reports of failed TLS are asked for")
	case len(found) == 0:
		k.add(Warn, "tls-rpt", "RFC 8460 §3", "publish v=TLSRPTv1; rua=mailto:…", "no reports are asked for of mail that MTA-STS holds back")
	case len(found) > 1:
		k.add(Bad, "tls-rpt", "RFC 8460 §3", "leave one", "%d records, there must be one", len(found))
	default:
		rua := readTags(found[0])["rua"]
		if !strings.HasPrefix(rua, "mailto:") && !strings.HasPrefix(rua, "https:") {
			k.add(Bad, "tls-rpt", "RFC 8460 §3", "name a mailto: or https: address", "rua=%s", rua)
			return
		}
		k.add(OK, "tls-rpt", "RFC 8460 §3", "", "%s", rua)
	}
}

// checkBIMI reads where the domain's logo is. Without a DMARC policy in force nobody shows it.
func (k *check) checkBIMI(ctx context.Context) {
	texts, _, err := k.Resolver.TXT(ctx, "default._bimi."+k.domain)
	if k.lost("bimi", err) {
		return
	}
	for _, text := range texts {
		if !strings.HasPrefix(text, "v=BIMI1") {
			continue
		}
		tags := readTags(text)
		switch logo := tags["l"]; {
		case logo == "":
			k.add(Info, "bimi", "BIMI §4.2", "", "the domain says that it shows no logo")
		case !strings.HasPrefix(logo, "https://"):
			k.add(Bad, "bimi", "BIMI §4.2", "serve the logo over HTTPS", "l=%s", logo)
		case k.dmarc != "quarantine" && k.dmarc != "reject":
			k.add(Warn, "bimi", "BIMI §2.3", "set DMARC's policy to quarantine or reject", "a logo that nobody shows without a DMARC policy in force")
		default:
			k.add(OK, "bimi", "BIMI §4.2", "", "%s", logo)
		}
		return
	}
}
