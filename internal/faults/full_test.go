//go:build unix

package faults

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// crowded has a memcached whose connections others have taken.
func crowded(t *testing.T) *place {
	server := servertest.Memcached(t, "-c", "24", "-t", "1")
	var others []net.Conn
	leave := func() {
		for _, c := range others {
			_ = c.Close()
		}
		others = nil
	}
	t.Cleanup(leave)
	crowd := func() { // takes all connections that can be had
		for {
			c, err := net.Dial("tcp", server.Addr())
			if err != nil {
				return
			}
			others = append(others, c)
			_ = c.SetDeadline(time.Now().Add(200 * time.Millisecond))
			answer := make([]byte, 64)
			_, _ = c.Write([]byte("version\r\n"))
			if n, err := c.Read(answer); err != nil || !bytes.HasPrefix(answer[:n], []byte("VERSION")) {
				return
			}
		}
	}
	return &place{
		opener: memcachedAt(server.Addr()),
		begin: func(st *story) {
			st.quiet.Lock()
			defer st.quiet.Unlock()
			st.site.idle()
			st.site.store.(interface{ Reset() }).Reset()
			servertest.Eventually(t, "all connections are taken", func() bool {
				before := len(others)
				crowd()
				return len(others) == before+1 // the one that was refused
			})
		},
		end: func(*story) { leave() },
	}
}

// full has a memcached whose memory others have taken, and which does or does not evict.
func full(evicts bool) func(*testing.T) *place {
	return func(t *testing.T) *place {
		// Without the thread that sorts items by how much they are used, eviction is in order of the last use.
		args := []string{"-m", "8", "-o", "no_lru_maintainer,no_lru_crawler,no_slab_reassign"}
		if !evicts {
			args = append(args, "-M")
		}
		server := servertest.Memcached(t, args...)
		f := &filler{t: t, evicts: evicts}
		p := &place{
			opener: patientAt(server.Addr()),
			begin: func(st *story) {
				st.quiet.Lock() // who is active stays
				defer st.quiet.Unlock()
				st.site.idle()
				f.dial(server.Addr())
				f.fill()
				servertest.Eventually(t, "everybody's record is evicted", func() bool {
					if !evicts || st.lost() {
						return true
					}
					f.fill()
					return false
				})
			},
			end: func(*story) {
				if !evicts {
					f.empty()
				}
			},
		}
		return p
	}
}

// lost reports whether all sessions have gone.
func (st *story) lost() bool {
	for name, cookie := range st.cookies {
		v := &visitor{story: st, name: name, cookie: cookie}
		if r := v.ask(st.t.Context(), http.MethodGet, "/load"); r.outcome != anonymous {
			return false
		}
	}
	return true
}

// A filler takes the memory of a memcached: first by the megabyte, then of each size that a session could have.
type filler struct {
	t      *testing.T
	evicts bool
	conn   net.Conn
	r      *bufio.Reader
	keys   []string
	passes int
}

func (f *filler) dial(addr string) {
	f.t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = c.Close() })
	f.conn, f.r = c, bufio.NewReader(c)
}

func (f *filler) fill() {
	f.passes++
	f.add(100_000, 100)
	for size := 80; size < 700; size += size / 10 {
		f.add(size, 1<<20/size)
	}
}

// add stores up to n values of a size, in batches, until one is refused.
func (f *filler) add(size, n int) {
	const batch = 100
	value := strings.Repeat("v", size)
	for i := 0; i < n; i += batch {
		var out bytes.Buffer
		first := len(f.keys)
		for j := range batch {
			key := fmt.Sprintf("filler-%d-%d-%d", f.passes, size, i+j)
			f.keys = append(f.keys, key)
			fmt.Fprintf(&out, "set %s 0 0 %d\r\n%s\r\n", key, size, value)
		}
		refused := false
		f.exchange(out.Bytes(), len(f.keys)-first, func(line string) { refused = refused || line != "STORED\r\n" })
		if refused {
			return
		}
	}
}

// empty gives the memory back.
func (f *filler) empty() {
	var out bytes.Buffer
	for _, key := range f.keys {
		fmt.Fprintf(&out, "delete %s\r\n", key)
	}
	f.exchange(out.Bytes(), len(f.keys), func(string) {})
	f.keys = nil
}

// exchange sends requests and reads n lines.
func (f *filler) exchange(out []byte, n int, line func(string)) {
	f.t.Helper()
	_ = f.conn.SetDeadline(time.Now().Add(time.Minute))
	sent := make(chan error, 1)
	go func() {
		_, err := f.conn.Write(out)
		sent <- err
	}()
	for range n {
		s, err := f.r.ReadString('\n')
		if err != nil {
			f.t.Fatalf("filling memcached: %v", err)
		}
		line(s)
	}
	if err := <-sent; err != nil {
		f.t.Fatalf("filling memcached: %v", err)
	}
}
