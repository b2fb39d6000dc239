package sasl

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
)

// scram is RFC 5802, with SHA-256 RFC 7677. The server learns no password, and proves that it knows it.
type scram struct {
	mech     string
	hash     func() hash.Hash
	secure   bool
	password string
	gs2      string // the GS2 header: no channel binding, perhaps an identity to act as
	nonce    string
	first    string // client-first-message-bare

	step      int
	signature []byte // the server's, as it has to be
	proven    bool
	reason    string // why the server refuses
}

func newScramSHA256(cred Credentials, secure bool) (Client, error) {
	return newScram(ScramSHA256, sha256.New, cred, secure, rand.Text())
}

func newScramSHA1(cred Credentials, secure bool) (Client, error) {
	return newScram(ScramSHA1, sha1.New, cred, secure, rand.Text())
}

func newScram(mech string, hash func() hash.Hash, cred Credentials, secure bool, nonce string) (*scram, error) {
	username, err := saslprep(cred.Username)
	if err != nil {
		return nil, fmt.Errorf("%w: user name: %w", ErrCredentials, err)
	}
	password, err := saslprep(cred.Password)
	if err != nil {
		return nil, fmt.Errorf("%w: password: %w", ErrCredentials, err)
	}
	s := &scram{mech: mech, hash: hash, secure: secure, password: password, nonce: nonce, gs2: "n,,"}
	if cred.Authzid != "" {
		s.gs2 = "n,a=" + saslname(cred.Authzid) + ","
	}
	s.first = "n=" + saslname(username) + ",r=" + nonce
	return s, nil
}

// saslname escapes a name (RFC 5802 §5.1).
func saslname(s string) string {
	return strings.NewReplacer("=", "=3D", ",", "=2C").Replace(s)
}

func (s *scram) Start() (mech string, ir []byte, err error) {
	return s.mech, []byte(s.gs2 + s.first), nil
}

func (s *scram) Next(challenge []byte) ([]byte, error) {
	s.step++
	switch s.step {
	case 1:
		return s.proof(challenge)
	case 2:
		return []byte{}, s.verify(challenge)
	}
	return nil, fmt.Errorf("%w: %s goes on after its end", ErrChallenge, s.mech)
}

// proof answers the server-first-message with the client-final-message (RFC 5802 §3).
func (s *scram) proof(challenge []byte) ([]byte, error) {
	server, err := parseServerFirst(string(challenge), s.nonce)
	if err != nil {
		return nil, err
	}
	if err := s.checkIterations(server.iterations); err != nil {
		return nil, err
	}
	salted, err := pbkdf2.Key(s.hash, s.password, server.salt, server.iterations, s.hash().Size())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChallenge, err)
	}
	final := "c=" + base64.StdEncoding.EncodeToString([]byte(s.gs2)) + ",r=" + server.nonce
	authMessage := s.first + "," + string(challenge) + "," + final

	clientKey := s.mac(salted, "Client Key")
	storedKey := s.hash()
	storedKey.Write(clientKey)
	proof := s.mac(storedKey.Sum(nil), authMessage)
	for i := range proof {
		proof[i] ^= clientKey[i]
	}
	s.signature = s.mac(s.mac(salted, "Server Key"), authMessage)
	return []byte(final + ",p=" + base64.StdEncoding.EncodeToString(proof)), nil
}

func (s *scram) mac(key []byte, message string) []byte {
	mac := hmac.New(s.hash, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// The bounds of the iteration count. Below the minimum of RFC 7677 §4 the password could be guessed too easily by one
// who overheard the exchange, or who asks for so few; at the maximum the computation takes about a second.
const (
	minIterations = 4096
	maxIterations = 2_000_000
)

func (s *scram) checkIterations(n int) error {
	switch {
	case n > maxIterations:
		return fmt.Errorf("%w: %s wants %d iterations, more than %d", ErrChallenge, s.mech, n, maxIterations)
	case n < minIterations && !s.secure:
		return fmt.Errorf("%w: %s wants %d iterations only, without TLS", ErrInsecure, s.mech, n)
	}
	return nil
}

// verify checks the server-final-message (RFC 5802 §5.1, the attributes e and v).
func (s *scram) verify(challenge []byte) error {
	value, _, _ := strings.Cut(string(challenge), ",") // extensions may follow
	if reason, ok := strings.CutPrefix(value, "e="); ok {
		s.reason = reason[:min(len(reason), maxReason)]
		return nil // the refusal itself is the protocol's
	}
	verifier, ok := strings.CutPrefix(value, "v=")
	if !ok {
		return fmt.Errorf("%w: no verifier in %s", ErrChallenge, s.mech)
	}
	signature := base64.StdEncoding.EncodeToString(s.signature)
	if s.signature == nil || !hmac.Equal([]byte(verifier), []byte(signature)) {
		return ErrServer
	}
	s.proven = true
	return nil
}

func (s *scram) Done() error {
	if !s.proven {
		return ErrServer
	}
	return nil
}
