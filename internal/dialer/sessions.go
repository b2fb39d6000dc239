package dialer

import "crypto/tls"

// sessions keeps apart what shares a name: the servers at several ports, whose tickets differ, and what a server was
// verified by.
type sessions struct {
	cache  tls.ClientSessionCache
	suffix string
}

func (s sessions) Get(key string) (*tls.ClientSessionState, bool) { return s.cache.Get(key + s.suffix) }

func (s sessions) Put(key string, state *tls.ClientSessionState) { s.cache.Put(key+s.suffix, state) }
