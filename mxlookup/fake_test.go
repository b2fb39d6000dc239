package mxlookup

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// fake is a name server on loopback that answers as its test says: octets in, messages out.
type fake struct {
	addr     string
	udp, tcp atomic.Int32 // questions that came
	conns    atomic.Int32 // connections that came
	packet   net.PacketConn
	listener net.Listener
	wg       sync.WaitGroup
}

// answering makes the messages that answer a question; overTCP says how it came. None is silence.
type answering func(question []byte, overTCP bool) [][]byte

// startFake serves on a port of loopback until the test ends.
func startFake(t testing.TB, answer answering) *fake {
	t.Helper()
	f := &fake{}
	var err error
	for range 20 { // the same port has to be free for both
		if f.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		f.addr = f.listener.Addr().String()
		if f.packet, err = net.ListenPacket("udp", f.addr); err == nil {
			break
		}
		f.listener.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	f.wg.Go(func() { f.servePackets(answer) })
	f.wg.Go(func() { f.serveConns(answer) })
	t.Cleanup(func() {
		f.packet.Close()
		f.listener.Close()
		f.wg.Wait()
	})
	return f
}

func (f *fake) servePackets(answer answering) {
	buf := make([]byte, 64<<10)
	for {
		n, peer, err := f.packet.ReadFrom(buf)
		if err != nil {
			return
		}
		f.udp.Add(1)
		q := append([]byte(nil), buf[:n]...)
		f.wg.Go(func() {
			for _, m := range answer(q, false) {
				f.packet.WriteTo(m, peer)
			}
		})
	}
}

func (f *fake) serveConns(answer answering) {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.conns.Add(1)
		f.wg.Go(func() { serveStream(conn, &f.tcp, answer) })
	}
}

// serveStream answers the questions on a connection. An answer of no octets closes it.
func serveStream(conn net.Conn, count *atomic.Int32, answer answering) {
	defer conn.Close()
	for {
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		q := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, q); err != nil {
			return
		}
		count.Add(1)
		for _, m := range answer(q, true) {
			if len(m) == 0 {
				return
			}
			conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...))
		}
	}
}

// replying is answering on miekg's messages: the reply comes with id and question filled in; nil is silence.
func replying(t testing.TB, fill func(m *dns.Msg, overTCP bool) *dns.Msg) answering {
	return func(question []byte, overTCP bool) [][]byte {
		var q dns.Msg
		if err := q.Unpack(question); err != nil {
			t.Errorf("the question cannot be read: %v", err)
			return nil
		}
		m := fill(new(dns.Msg).SetReply(&q), overTCP)
		if m == nil {
			return nil
		}
		m.Compress = true
		b, err := m.Pack()
		if err != nil {
			t.Errorf("the test's answer cannot be packed: %v", err)
			return nil
		}
		return [][]byte{b}
	}
}

// rr reads a record in zone file form.
func rr(t testing.TB, text string) dns.RR {
	t.Helper()
	r, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// newResolver asks the given servers, with a time limit that a working test never meets.
func newTestResolver(t testing.TB, cfg Config) *Resolver {
	t.Helper()
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}
