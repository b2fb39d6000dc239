package sandbox

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// MTASTSPolicy is the text of an MTA-STS policy in a mode ("enforce", "testing", "none"), whose only host is host.
func MTASTSPolicy(mode, host string) string {
	return "version: STSv1\r\nmode: " + mode + "\r\nmx: " + host + "\r\nmax_age: 86400\r\n"
}

// isPolicyHost says whether a name is that of a host with an MTA-STS policy (RFC 8461 §3.3).
func (s *Sandbox) isPolicyHost(name string) bool {
	return s.opt.MTASTS != "" && strings.HasPrefix(strings.ToLower(name), "mta-sts.")
}

// policyRecord announces the MTA-STS policy (RFC 8461 §3.1); its id changes with the policy.
func (s *Sandbox) policyRecord(head dns.RR_Header) []dns.RR {
	if s.opt.MTASTS == "" || !strings.HasPrefix(strings.ToLower(head.Name), "_mta-sts.") {
		return nil
	}
	sum := sha256.Sum256([]byte(s.opt.MTASTS))
	return []dns.RR{&dns.TXT{Hdr: head, Txt: []string{"v=STSv1; id=" + hex.EncodeToString(sum[:10]) + ";"}}}
}

// tlsa is the record of every port of the host: DANE-EE, and the key that all certificates here have (RFC 7671 §5.1).
func (s *Sandbox) tlsa(head dns.RR_Header) []dns.RR {
	port, rest, _ := strings.Cut(head.Name, ".")
	if !s.opt.DANE || !strings.HasPrefix(port, "_") || !strings.EqualFold(rest, "_tcp."+dns.Fqdn(s.opt.Host)) {
		return nil
	}
	sum := sha256.Sum256(s.ca.cert.RawSubjectPublicKeyInfo)
	return []dns.RR{&dns.TLSA{Hdr: head, Usage: 3, Selector: 1, MatchingType: 1, Certificate: hex.EncodeToString(sum[:])}}
}

// servePolicy serves the MTA-STS policy of every domain over HTTPS, if there is one.
func (s *Sandbox) servePolicy() error {
	if s.opt.MTASTS == "" {
		return nil
	}
	return s.serve("https", s.answerHTTPS)
}

// answerHTTPS answers one request (RFC 8461 §3.3).
func (s *Sandbox) answerHTTPS(nc net.Conn) {
	conn := tls.Server(nc, s.ca.tlsConfig())
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	resp := &http.Response{
		StatusCode: http.StatusNotFound, Request: req, ProtoMajor: 1, ProtoMinor: 1, Close: true,
		Header: http.Header{"Content-Type": {"text/plain"}},
	}
	if req.URL.Path == "/.well-known/mta-sts.txt" {
		resp.StatusCode, resp.ContentLength = http.StatusOK, int64(len(s.opt.MTASTS))
		resp.Body = io.NopCloser(strings.NewReader(s.opt.MTASTS))
	}
	resp.Write(conn)
}
