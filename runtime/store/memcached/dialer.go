package memcached

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sessiongen/sessiongen/runtime/store/internal/address"
)

const (
	lookupTimeout      = 5 * time.Second
	lookupEvery        = 30 * time.Second
	lookupAfterFailure = time.Second // a node that moved is refused first, and looked for then
)

// dialer opens connections to one configured address, whose host name it looks up beforehand: a dial never waits for a
// name server, and goes on with the last addresses known while none answers.
type dialer struct {
	network string // "tcp" or "unix"
	host    string // or the path
	port    string
	fixed   bool // nothing to look up: a path or a literal IP address
	tls     *tls.Config
	env     environment

	known   atomic.Pointer[addresses]
	looking atomic.Bool
}

// addresses is what a lookup found. They are in order, so that all processes try the same first, whatever order
// the name server likes to give.
type addresses struct {
	list  []string // for net.Dial; never empty
	since time.Time
}

func newDialer(addr string, config *tls.Config, env environment) (*dialer, error) {
	d := &dialer{env: env}
	ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
	defer cancel()
	place, err := address.Parse(ctx, addr)
	if err != nil {
		return nil, err
	}
	d.network, d.host, d.port, d.fixed = place.Network, place.Host, place.Port, place.IsLiteral()
	known := &addresses{list: []string{d.host}}
	if d.network == "tcp" {
		if known, err = d.lookUp(ctx); err != nil {
			return nil, err
		}
	}
	d.known.Store(known)
	if config != nil {
		d.tls = config.Clone()
		if d.tls.ServerName == "" && d.network == "tcp" {
			d.tls.ServerName = d.host
		}
	}
	return d, nil
}

func (d *dialer) lookUp(ctx context.Context) (*addresses, error) {
	hosts := []string{d.host}
	if !d.fixed {
		var err error
		if hosts, err = d.env.lookup(ctx, d.host); err != nil {
			return nil, err
		}
	}
	var ips []netip.Addr
	for _, h := range hosts {
		if ip, err := netip.ParseAddr(h); err == nil {
			ips = append(ips, ip.Unmap())
		}
	}
	if len(ips) == 0 {
		return nil, fmt.Errorf("lookup %s: no addresses", d.host)
	}
	slices.SortFunc(ips, netip.Addr.Compare) // IPv4 first
	a := &addresses{since: d.env.now()}
	for _, ip := range slices.Compact(ips) {
		a.list = append(a.list, net.JoinHostPort(ip.String(), d.port))
	}
	return a, nil
}

// refresh looks the name up again, beside the caller, if the last lookup is older than age.
func (d *dialer) refresh(age time.Duration) {
	if d.fixed {
		return
	}
	known := d.known.Load()
	if d.env.now().Sub(known.since) < age || !d.looking.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer d.looking.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
		defer cancel()
		found, err := d.lookUp(ctx)
		if err != nil {
			found = &addresses{list: known.list, since: d.env.now()}
		}
		d.known.Store(found)
	}()
}

// leadsTo says whether addr, to which a connection was opened, is still one of the name's.
func (d *dialer) leadsTo(addr string) bool {
	return d.fixed || slices.Contains(d.known.Load().list, addr)
}

// dial opens a connection before ctx ends, to the first address that accepts, and returns the address.
func (d *dialer) dial(ctx context.Context) (net.Conn, string, error) {
	list := d.known.Load().list
	var errs []error
	for i, addr := range list {
		conn, err := d.dialOne(ctx, addr, len(list)-i)
		if err == nil {
			return conn, addr, nil
		}
		errs = append(errs, err)
	}
	d.refresh(lookupAfterFailure)
	return nil, "", errors.Join(errs...)
}

// dialOne leaves time for the addresses that come after this one.
func (d *dialer) dialOne(ctx context.Context, addr string, tries int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok && tries > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(tries))
		defer cancel()
	}
	conn, err := new(net.Dialer).DialContext(ctx, d.network, addr)
	if err != nil || d.tls == nil {
		return conn, err
	}
	secured := tls.Client(conn, d.tls)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("TLS handshake with %s: %w", addr, err)
	}
	return secured, nil
}

// onlyServer is the memcache.ServerSelector of a client of one node. Its address is a name for gomemcache's list of
// idle connections; the dialer knows where it leads.
type onlyServer struct{ d *dialer }

func (o onlyServer) PickServer(string) (net.Addr, error) { return o, nil }

func (o onlyServer) Each(f func(net.Addr) error) error { return f(o) }

func (o onlyServer) Network() string { return o.d.network }

func (o onlyServer) String() string { return o.d.host }
