package sasl

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// serverFirst is SCRAM's server-first-message.
type serverFirst struct {
	nonce      string
	salt       []byte
	iterations int
}

// parseServerFirst reads it in the order of RFC 5802 §7: nonce, salt, iteration count, extensions. A mandatory
// extension is one that nobody knows.
func parseServerFirst(message, clientNonce string) (serverFirst, error) {
	broken := func(what string) (serverFirst, error) {
		return serverFirst{}, fmt.Errorf("%w: SCRAM's %s", ErrChallenge, what)
	}
	fields := strings.SplitN(message, ",", 4)
	if strings.HasPrefix(message, "m=") {
		return broken("mandatory extension is unknown")
	}
	if len(fields) < 3 {
		return broken("first message is incomplete")
	}
	nonce, ok := strings.CutPrefix(fields[0], "r=")
	if !ok || !printable(nonce) {
		return broken("nonce is missing")
	}
	// RFC 5802 §5.1: it begins with the client's. One that adds nothing is a replay.
	if !strings.HasPrefix(nonce, clientNonce) || nonce == clientNonce {
		return broken("nonce is not ours and the server's")
	}
	encoded, ok := strings.CutPrefix(fields[1], "s=")
	salt, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(salt) == 0 {
		return broken("salt is missing")
	}
	count, ok := strings.CutPrefix(fields[2], "i=")
	iterations, err := strconv.ParseUint(count, 10, 31)
	if !ok || err != nil || iterations == 0 || count[0] == '0' || count[0] == '+' {
		return broken("iteration count is missing")
	}
	return serverFirst{nonce, salt, int(iterations)}, nil
}

// printable is RFC 5802 §7: a nonce is printable ASCII without the comma.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x21 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
