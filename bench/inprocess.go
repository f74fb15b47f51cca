package main

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/peer"
)

// A workload is what one request does with its session.
type workload struct{ key, text string }

var (
	read     = workload{"R", "cookie in, read one field"}
	write    = workload{"W", "read one field, change one, save"}
	mixed    = workload{"M", "nine times R, then W"}
	login    = workload{"L", "log in: new id"}
	noCookie = workload{"N", "no cookie, nothing set"}
	forged   = workload{"F", "forged cookie"}
)

// A result is what a contender took for a workload.
type result struct {
	measure.Series
	name          string
	allocs, bytes float64 // for each operation
	trips, conns  float64 // round trips and new connections
	wire          float64 // bytes to and from memcached
	stored        int     // bytes of the value in the store
}

// A group is a workload with all who do it, the floor first.
type group struct {
	workload
	where   string // "TCP", "unix socket", "memory"
	shape   peer.Shape
	results []result
}

func (g *group) find(name string) *result {
	for i := range g.results {
		if g.results[i].name == name {
			return &g.results[i]
		}
	}
	return nil
}

// A place is where sessions are kept while they are measured.
type place struct {
	where      string
	server     *measure.Memcached // nil in memory
	shape      peer.Shape
	contenders []peer.Contender
	time       time.Duration // for a workload; 0: what the mode gives
}

// named returns the contender of a name.
func (p place) named(name string) peer.Contender {
	i := slices.IndexFunc(p.contenders, func(c peer.Contender) bool { return c.Name == name })
	return p.contenders[i]
}

// measureWorkload runs one workload of all contenders in turns.
func (b *bench) measureWorkload(w workload, p place) (*group, error) {
	g := &group{workload: w, where: p.where, shape: p.shape}
	var runners []measure.Runner
	for _, c := range p.contenders {
		r, err := newClient(c, w)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", w.key, c.Name, err)
		}
		if r == nil {
			continue
		}
		res := result{name: c.Name}
		if c.Size != nil {
			res.stored = c.Size()
		}
		const some = 200
		runner := r.runner()
		res.allocs, res.bytes = runner.Allocs(some)
		if p.server != nil {
			if err := res.count(runner, p.server, some); err != nil {
				return nil, err
			}
		}
		g.results = append(g.results, res)
		runners = append(runners, runner)
	}
	total := p.time
	if total == 0 {
		total = b.pick(time.Second, 10*time.Second)
	}
	for i, s := range measure.Turns(total, b.pick(10*time.Millisecond, 40*time.Millisecond), runners...) {
		g.results[i].Series = s
	}
	return g, nil
}

// count lets memcached count what n operations cost it.
func (r *result) count(runner measure.Runner, server *measure.Memcached, n int) error {
	if runner.Prepare != nil {
		runner.Prepare(n)
	}
	var counts [3]measure.Counts
	for i := range counts {
		if i == 2 {
			runner.Run(n)
		}
		var err error
		if counts[i], err = server.Counts(); err != nil {
			return err
		}
	}
	question := counts[1].BytesOut - counts[0].BytesOut
	asked := counts[1].BytesIn - counts[0].BytesIn
	r.trips = float64(counts[2].Commands-counts[1].Commands) / float64(n)
	r.conns = float64(counts[2].Connections-counts[1].Connections) / float64(n)
	r.wire = float64(counts[2].BytesOut-counts[1].BytesOut-question+counts[2].BytesIn-counts[1].BytesIn-asked) / float64(n)
	return nil
}

// A client sends the requests of one workload to one contender, inside the process. It is for one goroutine.
type client struct {
	name            string // of the contender
	handler, create http.Handler
	once            bool // each request needs a session of its own
	template        *http.Request
	request         http.Request
	cookies         []string
	sink            sink
}

// newClient returns nil if the contender has no such workload.
func newClient(c peer.Contender, w workload) (*client, error) {
	template, err := http.NewRequest(http.MethodGet, "https://shop.example/", nil)
	if err != nil {
		return nil, err
	}
	cl := &client{name: c.Name, template: template, create: c.Create, sink: sink{header: make(http.Header)}}
	switch w {
	case read:
		cl.handler = c.Read(peer.VisitorName)
	case write:
		cl.handler = c.Write
	case mixed:
		cl.handler = oneIn(10, c.Write, c.Read(peer.VisitorName))
	case login:
		cl.handler, cl.create, cl.once = c.Login, c.Anonymous, true
	case noCookie, forged:
		cl.handler = c.Read("")
	}
	if cl.handler == nil || w == forged && c.Forge == nil {
		return nil, nil
	}
	if w == noCookie || c.Create == nil {
		return cl, cl.run(1)
	}
	if err := cl.prepare(1); err != nil {
		return nil, err
	}
	if w == forged {
		cl.cookies[0] = c.Forge(cl.cookies[0])
	}
	template.Header["Cookie"] = cl.cookies[:1]
	if cl.once {
		cl.cookies = nil
		return cl, nil
	}
	return cl, cl.run(1)
}

// oneIn gives each nth request to one handler and all others to another. It is for one goroutine.
func oneIn(n int, one, others http.Handler) http.Handler {
	i := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i++; i%n == 0 {
			one.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

func (c *client) runner() measure.Runner {
	r := measure.Runner{Run: func(n int) { must(c.run(n)) }}
	if c.once {
		r.Prepare = func(n int) { must(c.prepare(n)) }
	}
	return r
}

// prepare creates n sessions, of which each later request takes one.
func (c *client) prepare(n int) error {
	c.cookies = c.cookies[:0]
	for range n {
		r, err := http.NewRequest(http.MethodGet, "https://shop.example/", nil)
		if err != nil {
			return err
		}
		s := sink{header: make(http.Header)}
		c.create.ServeHTTP(&s, r)
		if s.status >= http.StatusInternalServerError {
			return fmt.Errorf("create: %s", s.text)
		}
		cookie, err := cookieOf(s.header)
		if err != nil {
			return err
		}
		c.cookies = append(c.cookies, cookie)
	}
	return nil
}

// run sends n requests.
func (c *client) run(n int) error {
	header := http.Header{}
	for range n {
		c.request = *c.template // what a handler has put into its context is gone
		if c.once {
			header["Cookie"] = c.cookies[:1:1]
			c.cookies = c.cookies[1:]
			c.request.Header = header
		}
		clear(c.sink.header)
		c.handler.ServeHTTP(&c.sink, &c.request)
		if c.sink.status >= http.StatusInternalServerError {
			return fmt.Errorf("%s: status %d: %s", c.name, c.sink.status, c.sink.text)
		}
	}
	return nil
}

// cookieOf makes the Cookie header that a browser would send back.
func cookieOf(h http.Header) (string, error) {
	lines := h["Set-Cookie"]
	if len(lines) != 1 {
		return "", fmt.Errorf("%d cookies where one was expected", len(lines))
	}
	cookie, err := http.ParseSetCookie(lines[0])
	if err != nil { // the floor's, which is a key and nothing else
		return lines[0], nil
	}
	return cookie.Name + "=" + cookie.Value, nil
}

// A sink is a ResponseWriter that keeps nothing but what went wrong.
type sink struct {
	header http.Header
	status int
	text   []byte
}

func (s *sink) Header() http.Header { return s.header }

func (s *sink) WriteHeader(status int) { s.status = status }

func (s *sink) Write(p []byte) (int, error) {
	if s.status >= http.StatusInternalServerError {
		s.text = append(s.text, p...)
	}
	return len(p), nil
}
