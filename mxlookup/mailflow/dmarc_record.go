package mailflow

import (
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
)

// errNoPolicy is the error of a record from which no receiver takes a policy.
var errNoPolicy = errors.New("no valid p")

// isDMARC says whether a text is a DMARC record: its first tag is the version (RFC 7489 §6.4).
func isDMARC(text string) bool {
	tag, _, _ := strings.Cut(text, ";")
	name, value, _ := strings.Cut(tag, "=")
	return strings.EqualFold(strings.TrimSpace(name), "v") && strings.TrimSpace(value) == "DMARC1"
}

// readDMARC reads a record as receivers do (RFC 7489 §6.3, §6.6.3): what is wrong with a tag has that ignored, and is told; words
// are in whatever case. Without a valid p there is p=none where reports are asked for, else no policy.
func readDMARC(text string) (record *dmarc.Record, wrong []string, err error) {
	kept := map[string]string{}
	for tag := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(tag, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if strings.TrimSpace(tag) == "" || name == "v" {
			continue
		}
		if name != "rua" && name != "ruf" {
			value = strings.ToLower(value)
		}
		if !ok || value == "" || !isTag(name, value) {
			wrong = append(wrong, strings.TrimSpace(tag))
		} else if kept[name] == "" {
			kept[name] = value
		}
	}
	if kept["p"] == "" || isWrong(wrong, "sp") {
		if kept["rua"] == "" {
			return nil, wrong, errNoPolicy
		}
		kept["p"] = "none"
	}
	joined := "v=DMARC1"
	for name, value := range kept {
		joined += "; " + name + "=" + value
	}
	record, err = dmarc.Parse(joined)
	return record, wrong, err
}

// isTag says whether a tag has a valid value; those that nobody knows do.
func isTag(name, value string) bool {
	text := fmt.Sprintf("v=DMARC1; p=none; %s=%s", name, value)
	if name == "p" {
		text = "v=DMARC1; p=" + value
	}
	record, err := dmarc.Parse(text)
	if name == "rua" && err == nil {
		return len(record.ReportURIAggregate) > 0 && strings.Contains(value, ":")
	}
	return err == nil
}

// isWrong says whether a tag is among those that are wrong.
func isWrong(wrong []string, name string) bool {
	for _, tag := range wrong {
		if n, _, _ := strings.Cut(tag, "="); strings.EqualFold(strings.TrimSpace(n), name) {
			return true
		}
	}
	return false
}
