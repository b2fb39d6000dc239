package mxlookup

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// https asks one server over HTTPS (RFC 8484), many questions at once over one HTTP/2 connection.
type https struct {
	url    string
	client *http.Client
}

const dnsMessage = "application/dns-message" // RFC 8484 §6

func newHTTPS(u *url.URL, roots *x509.CertPool) *https {
	if u.Path == "" {
		u.Path = "/dns-query"
	}
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16, // where the server has HTTP/1.1 only
		MaxConnsPerHost:     16,
		IdleConnTimeout:     30 * time.Second,
	}
	return &https{url: u.String(), client: &http.Client{
		Transport: transport,
		// A redirect could lead to plain text.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (h *https) ask(ctx context.Context, question message) (message, error) {
	ctx, cancel := context.WithTimeout(ctx, streamPatience)
	defer cancel()
	question = bytes.Clone(question)
	question.setID(0) // RFC 8484 §4.1: so that caches can work
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", dnsMessage)
	req.Header.Set("Accept", dnsMessage)
	resp, err := h.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s", resp.Status)
	}
	return checkHTTPS(question, body)
}

// checkHTTPS says whether the body of a response answers the question.
func checkHTTPS(question, body message) (message, error) {
	want, err := question.question()
	if err != nil {
		return nil, err
	}
	got, err := body.question()
	if err == nil && (!body.has(flagResponse) || !equalFold(want, got)) {
		err = errQuestion
	}
	return body, err
}

func (h *https) close() error {
	h.client.CloseIdleConnections()
	return nil
}
