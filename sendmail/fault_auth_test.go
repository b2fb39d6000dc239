package sendmail_test

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"testing"

	"posta/internal/sasl"
	"posta/sendmail"
)

// otherAuthority is one that issued none of the certificates.
func otherAuthority() *x509.CertPool { return x509.NewCertPool() }

// scramServer is a server of SCRAM-SHA-256, honest or not.
type scramServer struct {
	password   string // that it knows
	iterations int
	first      string // instead of its first message; "{nonce}" stands for the client's
	final      string // instead of its last one
	skip       bool   // says success instead of its last one
}

func (x scramServer) exchange(s *session, arg string) {
	_, encoded, _ := strings.Cut(arg, " ")
	initial, _ := base64.StdEncoding.DecodeString(encoded)
	bare := strings.TrimPrefix(string(initial), "n,,")
	_, nonce, _ := strings.Cut(bare, ",r=")
	salt := []byte("a salt of 16 oct")
	first := "r=" + nonce + "server,s=" + base64.StdEncoding.EncodeToString(salt) + ",i=" + strconv.Itoa(x.iterations)
	if x.first != "" {
		first = strings.ReplaceAll(x.first, "{nonce}", nonce)
	}
	answer, ok := s.challenge(first)
	if !ok {
		return
	}
	without, _, _ := strings.Cut(answer, ",p=")
	salted, _ := pbkdf2.Key(sha256.New, x.password, salt, x.iterations, sha256.Size)
	signature := mac(mac(salted, "Server Key"), bare+","+first+","+without)
	final := "v=" + base64.StdEncoding.EncodeToString(signature)
	if x.final != "" {
		final = x.final
	}
	if !x.skip {
		if _, ok := s.challenge(final); !ok {
			return
		}
	}
	s.say("235 2.7.0 welcome")
}

func mac(key []byte, message string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(message))
	return h.Sum(nil)
}

// challenge asks and takes the answer; a client that cancels gets its refusal (RFC 4954 §4).
func (s *session) challenge(text string) (answer string, ok bool) {
	s.say("334 " + base64.StdEncoding.EncodeToString([]byte(text)))
	line, ok := s.line()
	if !ok {
		return "", false
	}
	if line == "*" {
		s.say("501 5.7.0 cancelled")
		return "", false
	}
	s.mu.Lock()
	s.secrets = append(s.secrets, line)
	s.mu.Unlock()
	decoded, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		s.say("501 5.5.2 not base64")
	}
	return string(decoded), err == nil
}

// A server that does not know the password cannot pass for the one that does, and gets no letter.
func TestSCRAMServers(t *testing.T) {
	const right = faultPassword
	for _, c := range []struct {
		name   string
		server scramServer
		want   error
	}{
		{"honest", scramServer{password: right, iterations: 4096}, nil},
		{"wrong signature", scramServer{password: "guess", iterations: 4096}, sasl.ErrServer},
		{"empty signature", scramServer{password: right, iterations: 4096, final: "v="}, sasl.ErrServer},
		{"no signature", scramServer{password: right, iterations: 4096, final: "x=1"}, sasl.ErrChallenge},
		{"success without a signature", scramServer{password: right, iterations: 4096, skip: true}, sasl.ErrServer},
		{"an error, then success", scramServer{password: right, iterations: 4096, final: "e=other-error"}, sasl.ErrServer},
		{"too many iterations", scramServer{password: right, iterations: 100_000_000}, sasl.ErrChallenge},
		{"another nonce", scramServer{password: right, iterations: 4096, first: "r=mine,s=QSXCR+Q6sek8bf92,i=4096"}, sasl.ErrChallenge},
		{"no first message", scramServer{password: right, iterations: 4096, first: "garbage"}, sasl.ErrChallenge},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mode{auth: sasl.ScramSHA256, ext: []string{"PIPELINING", "AUTH SCRAM-SHA-256"}}
			f := m.server()
			f.auth = c.server.exchange
			a := m.try(t, f, nil)
			honest(t, f, a, faultLetter)
			if !errors.Is(a.err, c.want) {
				t.Errorf("%v, want %v", a.err, c.want)
			}
			if c.want != nil && f.saw("MAIL") {
				t.Error("the letter was begun")
			}
			if len(f.secrets) == 0 {
				t.Error("the server saw no exchange")
			}
		})
	}
}

// Whatever the mechanism and however it fails, neither the transcript nor an error shows what was sent.
func TestNoSecretIsShown(t *testing.T) {
	ends := map[string]func(s *session, told string){
		"refused":                func(s *session, _ string) { s.say("535 5.7.8 no") },
		"cut":                    func(s *session, _ string) { s.wire.end() },
		"garbage":                func(s *session, _ string) { s.say("what?") },
		"repeated":               func(s *session, _ string) { s.say("500 5.5.2 unknown: " + strings.Join(s.secrets, " ")) },
		"repeated in plain text": func(s *session, told string) { s.say("535 5.7.8 no such login: joe/" + told) },
	}
	for _, mech := range []string{sasl.Plain, sasl.Login, sasl.CramMD5, sasl.ScramSHA1, sasl.ScramSHA256, sasl.XOAuth2, sasl.OAuthBearer} {
		for name, end := range ends {
			t.Run(mech+"/"+name, func(t *testing.T) {
				m := mode{auth: mech, ext: []string{"AUTH " + mech}}
				told := faultPassword
				if mech == sasl.XOAuth2 || mech == sasl.OAuthBearer {
					told = faultToken
				}
				f := m.server()
				f.auth = func(s *session, _ string) {
					switch mech {
					case sasl.Login:
						s.challenge("Username:")
						s.challenge("Password:")
					case sasl.CramMD5:
						s.challenge("<1.2@fault.example>")
					}
					end(s, told)
				}
				a := m.try(t, f, func(cfg *sendmail.Config) {
					if told == faultToken {
						cfg.Auth = &sasl.Credentials{Username: "joe", Token: faultToken}
					}
				})
				if a.err == nil || len(f.secrets) == 0 {
					t.Errorf("%v, %d secrets", a.err, len(f.secrets))
				}
				secret(t, f, a)
			})
		}
	}
}

// Credentials do not go in plain text beyond this machine, nor the letter of one who wanted them to.
func TestNoMechanism(t *testing.T) {
	m := mode{auth: sasl.Plain, ext: []string{"AUTH GSSAPI NTLM"}}
	f := m.server()
	a := m.try(t, f, nil)
	var e *sendmail.Error
	if !errors.Is(a.err, sasl.ErrNoMechanism) || !strings.Contains(a.err.Error(), "GSSAPI NTLM") || !errors.As(a.err, &e) || e.Stage != sendmail.StageAUTH {
		t.Errorf("%v", a.err)
	}
	if f.saw("AUTH") || f.saw("MAIL") {
		t.Error("the dialogue went on")
	}
}
