package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/peer"
)

func startMemcached(tb testing.TB) *measure.Memcached {
	tb.Helper()
	if _, err := exec.LookPath("memcached"); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatal(err)
		}
		tb.Skip(err)
	}
	server, err := measure.StartTCP()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(server.Stop)
	return server
}

// BenchmarkRequest is for pprof: go test -bench 'Request/R/sessiongen$' -cpuprofile cpu.out
func BenchmarkRequest(b *testing.B) {
	peer.RegisterGob()
	places := make(map[string]place)
	var err error
	if places["TCP"], err = onMemcached(onTCP, startMemcached(b), peer.Nine); err != nil {
		b.Fatal(err)
	}
	if places["memory"], err = inMemory(peer.Nine); err != nil {
		b.Fatal(err)
	}
	for _, w := range []workload{read, write, noCookie, forged} {
		for where, p := range places {
			for _, c := range p.contenders {
				b.Run(w.key+"/"+where+"/"+strings.ReplaceAll(c.Name, ", ", "-"), func(b *testing.B) {
					cl, err := newClient(c, w)
					if err != nil {
						b.Fatal(err)
					}
					if cl == nil {
						b.SkipNow()
					}
					b.ReportAllocs()
					b.ResetTimer()
					if err := cl.run(b.N); err != nil {
						b.Fatal(err)
					}
				})
			}
		}
	}
}
