package sandbox

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// scramIterations is RFC 7677's least, as a sandbox is to be fast.
const scramIterations = 4096

// scramServer is the server's side of SCRAM (RFC 5802, 7677) without channel binding.
type scramServer struct {
	*login
	hash        func() hash.Hash
	user        string
	salt        []byte
	nonce       string
	clientFirst string // without the GS2 header
	serverFirst string
	verified    bool
}

func newScramServer(mech string, l *login) *scramServer {
	s := &scramServer{login: l, hash: sha256.New, salt: []byte(rand.Text())}
	if mech == "SCRAM-SHA-1" {
		s.hash = sha1.New
	}
	return s
}

var errScram = errors.New("malformed SCRAM message")

func (s *scramServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil && s.serverFirst == "":
		return []byte{}, false, nil
	case s.serverFirst == "":
		return s.first(string(response))
	case !s.verified:
		return s.final(string(response))
	}
	return nil, true, s.done(s.user, true)
}

// first takes "n,a=authzid,n=user,r=nonce" and answers with the salt.
func (s *scramServer) first(msg string) ([]byte, bool, error) {
	parts := strings.SplitN(msg, ",", 3)
	if len(parts) != 3 || parts[0] != "n" && parts[0] != "y" {
		return nil, false, errScram
	}
	s.clientFirst = parts[2]
	attrs := scramAttributes(s.clientFirst)
	s.user = strings.NewReplacer("=2C", ",", "=3D", "=").Replace(attrs["n"])
	if s.user == "" || attrs["r"] == "" {
		return nil, false, errScram
	}
	s.nonce = attrs["r"] + rand.Text()
	salt := base64.StdEncoding.EncodeToString(s.salt)
	s.serverFirst = fmt.Sprintf("r=%s,s=%s,i=%d", s.nonce, salt, scramIterations)
	return []byte(s.serverFirst), false, nil
}

// final takes "c=biws,r=nonce,p=proof", verifies the proof and answers with the server's signature.
func (s *scramServer) final(msg string) ([]byte, bool, error) {
	bare, _, ok := strings.Cut(msg, ",p=")
	attrs := scramAttributes(msg)
	proof, err := base64.StdEncoding.DecodeString(attrs["p"])
	if !ok || err != nil || attrs["r"] != s.nonce {
		return nil, false, errScram
	}
	password, known := s.users[s.user]
	salted, err := pbkdf2.Key(s.hash, password, s.salt, scramIterations, s.hash().Size())
	if err != nil {
		return nil, false, err
	}
	authMessage := s.clientFirst + "," + s.serverFirst + "," + bare
	clientKey := s.mac(salted, "Client Key")
	storedKey := s.hash()
	storedKey.Write(clientKey)
	want := s.mac(storedKey.Sum(nil), authMessage)
	for i := range want {
		want[i] ^= clientKey[i]
	}
	if !known || !hmac.Equal(want, proof) {
		return nil, false, s.done(s.user, false)
	}
	s.verified = true
	signature := s.mac(s.mac(salted, "Server Key"), authMessage)
	return []byte("v=" + base64.StdEncoding.EncodeToString(signature)), false, nil
}

func (s *scramServer) mac(key []byte, text string) []byte {
	m := hmac.New(s.hash, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// scramAttributes is "a=x,b=y" by letter.
func scramAttributes(msg string) map[string]string {
	attrs := map[string]string{}
	for attr := range strings.SplitSeq(msg, ",") {
		if key, value, ok := strings.Cut(attr, "="); ok {
			attrs[key] = value
		}
	}
	return attrs
}
