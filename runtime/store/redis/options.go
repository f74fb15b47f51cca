package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/sessiongen/sessiongen/runtime/store/internal/address"
)

// The defaults: the meaning of Options' zero values.
const (
	DefaultPoolSize    = 64
	DefaultTimeout     = 100 * time.Millisecond
	DefaultIOBudget    = 250 * time.Millisecond
	DefaultMaxItemSize = 1 << 20
)

// Options are the settings of NewWithOptions. The zero values suit a busy site.
type Options struct {
	// Addrs say where Redis is: the one node, "host:port" or the path of a unix socket; or, with Cluster or MasterName,
	// some of the nodes or Sentinels, from which the others are learnt. A path begins with / or ./ (or @, on Linux). Names
	// are looked up by NewWithOptions, and again for each new connection.
	Addrs []string

	// Cluster says that Addrs are nodes of a Redis Cluster.
	Cluster bool

	// MasterName says that Addrs are Sentinels, and which of the masters that they watch it is.
	MasterName string

	// Username and Password are for the nodes. The username is empty where "requirepass" is all there is.
	Username, Password string

	// SentinelUsername and SentinelPassword are for the Sentinels.
	SentinelUsername, SentinelPassword string

	// DB is the number of the database. A Cluster has only 0.
	DB int

	// TLS, if not nil, is how to talk to nodes, and Sentinels. An empty ServerName means the host of each address.
	TLS *tls.Config

	// PoolSize is the greatest number of connections to each node. They are opened when needed and kept. A call that
	// finds all of them busy waits for one, within its IOBudget. A busy site needs few, unless it has a Cluster: its calls
	// travel together. Default DefaultPoolSize.
	PoolSize int

	// Timeout bounds each step: opening a connection, sending a request, waiting for its reply; the last two may be given
	// a sixteenth less. Default DefaultTimeout.
	Timeout time.Duration

	// IOBudget bounds a whole call: waiting for a connection, opening it, the request, following the redirections of a
	// Cluster, and a second attempt if a read failed. A call on a busy site may be given a sixteenth less. Default
	// DefaultIOBudget; never less than Timeout.
	IOBudget time.Duration

	// MaxItemSize is the largest value in bytes, to write and to read: no more memory than that is set aside because a
	// reply says so. Redis itself takes 512 MB (proto-max-bulk-len); where it takes less than MaxItemSize it closes the
	// connection over a value that is too large, and its word for that may be lost: then nobody knows what has become of
	// the write. Default DefaultMaxItemSize.
	MaxItemSize int
}

// New returns a store on the Redis at url, with the default options. It need not be up; a url that makes no sense is
// an error.
//
//	redis://[user:password@]host[:port][/db]             one node, port 6379; also just host:port
//	unix://[user:password@]/path/of/socket[?db=1]        one node; also just the path
//	redis-sentinel://[user:password@]host[:port][,host[:port]…][/db]?master_name=…[&addr=host:port…]
//	redis-cluster://[user:password@]host[:port][,host[:port]…][?addr=host:port…]
//
// rediss://, rediss-sentinel:// and rediss-cluster:// use TLS. Each addr, too, is a Sentinel or node of the cluster.
// User and password are the nodes'; those of the Sentinels are sentinel_username=… and sentinel_password=….
func New(url string) (*Store, error) {
	o, err := parseURL(url)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	return NewWithOptions(o)
}

// NewWithOptions returns a store on the Redis that o describes. It need not be up; options that contradict each other,
// or an address that is none or whose name cannot be looked up, are an error.
func NewWithOptions(o Options) (*Store, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	if o.PoolSize <= 0 {
		o.PoolSize = DefaultPoolSize
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.IOBudget <= 0 {
		o.IOBudget = DefaultIOBudget
	}
	o.IOBudget = max(o.IOBudget, o.Timeout)
	if err := o.lookUp(); err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	if o.MaxItemSize <= 0 {
		o.MaxItemSize = DefaultMaxItemSize
	}
	d := &dialer{timeout: o.dialTimeout(), tls: o.TLS, maxBulk: o.MaxItemSize + versionSize, step: o.Timeout / deadlineSteps}
	s := &Store{
		client: o.client(d), name: o.name(), budget: o.IOBudget, maxItem: o.MaxItemSize, dialer: d, term: new(atomic.Pointer[term]),
	}
	if !o.Cluster {
		s.batches = newBatches()
	}
	return s, nil
}

// NewFromClient returns a store on a client that the caller has set up, and closes: its addresses, its timeouts, its
// connections, its retries of reads. Writes are not retried, whatever it says. The bound on the size of a reply and
// what Reset does are missing.
//
// The client must have ContextTimeoutEnabled, without which go-redis heeds no deadline of a context, and timeouts well
// below the session's SaveTimeout (its own defaults take 12 s to give up on a server that hangs). It must read from
// masters alone (no ReadOnly, RouteByLatency or RouteRandomly) and have no client-side cache: a store that returns an
// old value lets a request see a session that has ended.
func NewFromClient(c goredis.UniversalClient) *Store {
	return &Store{client: c}
}

func (o *Options) check() error {
	switch {
	case len(o.Addrs) == 0:
		return errors.New("no addresses")
	case o.Cluster && o.MasterName != "":
		return errors.New("both Cluster and MasterName: Sentinels watch no cluster")
	case len(o.Addrs) > 1 && !o.Cluster && o.MasterName == "":
		return errors.New("several addresses: set Cluster or MasterName")
	case o.DB < 0:
		return fmt.Errorf("database %d", o.DB)
	case o.Cluster && o.DB != 0:
		return fmt.Errorf("database %d: a cluster has only 0", o.DB)
	}
	for _, addr := range o.Addrs {
		place, err := address.Parse(context.Background(), addr)
		if err == nil && place.Network == "unix" && (o.Cluster || o.MasterName != "") {
			err = errors.New("not host:port")
		}
		if err != nil {
			return fmt.Errorf("address %s is %w", address.Quote(addr), err)
		}
	}
	return nil
}

// lookupTimeout bounds the time that NewWithOptions takes to look names up.
const lookupTimeout = 5 * time.Second

// lookUp finds names that lead nowhere, of which one of several would otherwise be noticed when the others are down.
func (o *Options) lookUp() error {
	ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
	defer cancel()
	for _, addr := range o.Addrs {
		place, err := address.Parse(ctx, addr)
		if err == nil && !place.IsLiteral() {
			_, err = net.DefaultResolver.LookupHost(ctx, place.Host)
		}
		if err != nil {
			return fmt.Errorf("address %s: %w", address.Quote(addr), err)
		}
	}
	return nil
}

// name is what error texts call it.
func (o *Options) name() string {
	switch {
	case o.Cluster:
		return "cluster"
	case o.MasterName != "":
		return o.MasterName
	}
	return o.Addrs[0]
}

// A dial with Sentinels asks one of them for the master first. It must have time enough to give up on one that hangs,
// twice, and ask the others; the call that wanted the connection has ended by then, the next one profits.
const sentinelSteps = 6

func (o *Options) dialTimeout() time.Duration {
	if o.MasterName != "" {
		return sentinelSteps * o.Timeout
	}
	return o.Timeout
}

func (o *Options) client(d *dialer) goredis.UniversalClient {
	return goredis.NewUniversalClient(&goredis.UniversalOptions{
		Addrs:            slices.Clone(o.Addrs), // a cluster client appends to it
		IsClusterMode:    o.Cluster,
		MasterName:       o.MasterName,
		Username:         o.Username,
		Password:         o.Password,
		SentinelUsername: o.SentinelUsername,
		SentinelPassword: o.SentinelPassword,
		DB:               o.DB,
		Dialer:           d.dial,

		// RESP2 has no messages that nobody asked for, so that bytes on an idle connection always mean that it is out of
		// step.
		Protocol: 2,

		ContextTimeoutEnabled: true,
		DialTimeout:           o.dialTimeout(),
		DialerRetries:         1,
		ReadTimeout:           o.Timeout,
		WriteTimeout:          o.Timeout,
		PoolTimeout:           o.IOBudget,
		PoolSize:              o.PoolSize,
		PipelinePoolSize:      -1, // batches take the same connections

		// Get has its own second attempt. What remains are those of a cluster client, which follows redirections and waits
		// this long for other nodes to take over; IOBudget ends them.
		MaxRetries:      -1,
		MinRetryBackoff: 5 * time.Millisecond,
		MaxRetryBackoff: 25 * time.Millisecond,

		// Each would be one more round trip when a connection is opened.
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}
