package sandbox

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

// dnsTTL is short, as every test may want another answer.
const dnsTTL = 1

// serveDNS serves UDP and TCP at one port.
func (s *Sandbox) serveDNS() error {
	var err error
	if s.zone, err = readZone(s.opt.Zone, s.opt.ZoneText); err != nil {
		return err
	}
	for try := 0; ; try++ {
		listeners, port, err := listenLoopback(s.opt.Ports["dns"])
		if err != nil {
			return fmt.Errorf("dns: %w", err)
		}
		packets, err := listenPackets(listeners, port)
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			if errors.Is(err, syscall.EADDRINUSE) && s.opt.Ports["dns"] == 0 && try < 20 {
				continue
			}
			return fmt.Errorf("dns: %w", err)
		}
		s.services["dns"] = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		s.serveNames(listeners, packets)
		return nil
	}
}

// listenPackets listens for UDP where the listeners are for TCP.
func listenPackets(listeners []net.Listener, port int) (packets []net.PacketConn, err error) {
	for _, l := range listeners {
		host := l.Addr().(*net.TCPAddr).IP.String()
		pc, err := net.ListenPacket("udp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			for _, pc := range packets {
				pc.Close()
			}
			return nil, err
		}
		packets = append(packets, pc)
	}
	return packets, nil
}

func (s *Sandbox) serveNames(listeners []net.Listener, packets []net.PacketConn) {
	handler := dns.HandlerFunc(s.answerQuery)
	run := func(srv *dns.Server, c closer) {
		srv.Handler = handler
		srv.IdleTimeout = func() time.Duration { return time.Minute }
		if s.track(c) {
			s.serving.Go(func() { srv.ActivateAndServe() }) // ends when c is closed
		}
	}
	for _, l := range listeners {
		run(&dns.Server{Listener: &trackedListener{l, s}}, l)
	}
	for _, pc := range packets {
		run(&dns.Server{PacketConn: pc}, pc)
	}
}

// trackedListener makes Close of the sandbox end connections that the DNS server holds.
type trackedListener struct {
	net.Listener
	sb *Sandbox
}

func (l *trackedListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if !l.sb.track(nc) {
		nc.Close()
	}
	return &trackedConn{nc, l.sb}, nil
}

type trackedConn struct {
	net.Conn
	sb *Sandbox
}

func (c *trackedConn) Close() error {
	c.sb.untrack(c.Conn)
	return c.Conn.Close()
}

// answerQuery answers a question: from the zone file if that knows of the name, else as a world whose mail all comes here.
func (s *Sandbox) answerQuery(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable, m.Authoritative = true, true
	opt := q.IsEdns0()
	m.AuthenticatedData = q.AuthenticatedData || opt != nil && opt.Do() // RFC 6840 §5.8
	if len(q.Question) != 1 || q.Opcode != dns.OpcodeQuery {
		m.Rcode = dns.RcodeNotImplemented
		w.WriteMsg(m)
		return
	}
	question := q.Question[0]
	if !s.misanswer(w, m, question) {
		return
	}
	if !s.zone.answer(m, question) {
		m.Answer = s.defaultRecords(question)
	}
	limit := dns.MinMsgSize
	if opt != nil {
		m.SetEdns0(opt.UDPSize(), opt.Do())
		limit = max(limit, int(opt.UDPSize()))
	}
	if _, tcp := w.RemoteAddr().(*net.TCPAddr); tcp {
		limit = dns.MaxMsgSize
	}
	m.Truncate(limit)
	w.WriteMsg(m)
}

// misanswer does what is scripted for a name, and says whether there is to be a true answer.
func (s *Sandbox) misanswer(w dns.ResponseWriter, m *dns.Msg, q dns.Question) bool {
	fault := s.faults.strike("dns", "query", strings.TrimSuffix(q.Name, "."))
	if fault == nil {
		return true
	}
	s.sleep(time.Duration(fault.Delay))
	switch {
	case fault.Drop || fault.Stall:
		if _, tcp := w.RemoteAddr().(*net.TCPAddr); tcp && fault.Drop {
			w.Close()
		}
		return false
	case strings.EqualFold(fault.Reply, "TRUNCATED"):
		if _, tcp := w.RemoteAddr().(*net.TCPAddr); tcp {
			return true
		}
		m.Truncated = true
	case strings.EqualFold(fault.Reply, "INSECURE"):
		m.AuthenticatedData = false
		return true
	case fault.Reply != "":
		m.Rcode = dns.StringToRcode[strings.ToUpper(fault.Reply)]
	default:
		return true
	}
	w.WriteMsg(m)
	return false
}

// defaultRecords is what is true of every name: its MX is the sandbox, its mail services are the sandbox's (RFC 6186,
// 8314), and the sandbox's own name is loopback; and its policies (policy.go).
func (s *Sandbox) defaultRecords(q dns.Question) []dns.RR {
	host := dns.Fqdn(s.opt.Host)
	head := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: dnsTTL}
	own := strings.EqualFold(q.Name, host) || s.isPolicyHost(q.Name)
	service, _, isService := strings.Cut(strings.ToLower(q.Name), "._tcp.") // in whatever case it was asked for
	switch {
	case q.Qtype == dns.TypeTLSA:
		return s.tlsa(head)
	case q.Qtype == dns.TypeTXT:
		return s.policyRecord(head)
	case q.Qtype == dns.TypeA && own:
		return []dns.RR{&dns.A{Hdr: head, A: net.IPv4(127, 0, 0, 1)}}
	case q.Qtype == dns.TypeAAAA && own && s.ipv6:
		return []dns.RR{&dns.AAAA{Hdr: head, AAAA: net.IPv6loopback}}
	case q.Qtype == dns.TypeMX && !own && !strings.HasPrefix(q.Name, "_"):
		return []dns.RR{&dns.MX{Hdr: head, Preference: 10, Mx: host}}
	case q.Qtype == dns.TypeSRV && isService:
		name := strings.TrimPrefix(service, "_")
		if known := map[string]string{"submission": "smtp", "submissions": "smtps"}[name]; known != "" {
			name = known
		}
		if _, port, err := net.SplitHostPort(s.Addr(name)); err == nil {
			n, _ := strconv.ParseUint(port, 10, 16)
			return []dns.RR{&dns.SRV{Hdr: head, Port: uint16(n), Target: host}}
		}
	}
	return nil
}
