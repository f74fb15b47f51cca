//go:build unix

package main

import (
	"slices"

	"github.com/sessiongen/sessiongen/bench/peer"
	"github.com/sessiongen/sessiongen/internal/servertest"
)

const onRedis = "Redis on TCP"

// redis measures R and W beside bare go-redis, and beside the stores that scs and gorilla have for Redis.
func (b *bench) redis() error {
	h := new(host)
	defer h.end()
	addr := servertest.Redis(h).Addr()
	contenders, err := onRedisAt(addr)
	if err != nil {
		return err
	}
	for _, w := range []workload{read, write} {
		p := place{where: onRedis, shape: peer.Nine, contenders: contenders}
		if w == write {
			blind := peer.BareRedis(addr, contenders[1].Size(), false)
			p.contenders = slices.Insert(slices.Clone(contenders), 1, blind)
		}
		g, err := b.measureWorkload(w, p)
		if err != nil {
			return err
		}
		b.report.publish(g.shortTable("bare"))
		b.report.atMost(w.key+", "+onRedis+", against bare go-redis", 1.15, g.find(peer.Ours).Wall.Over(g.results[0].Wall).Median(), " ×")
	}
	return nil
}

// onRedisAt are all contenders on one Redis, the floor first.
func onRedisAt(addr string) ([]peer.Contender, error) {
	ours, err := peer.OursOnRedis(addr, peer.Nine)
	if err != nil {
		return nil, err
	}
	size, err := storedSize(ours[0])
	if err != nil {
		return nil, err
	}
	gorilla, err := peer.GorillaOnRedis(addr, peer.Nine)
	if err != nil {
		return nil, err
	}
	all := append([]peer.Contender{peer.BareRedis(addr, size, true)}, ours...)
	return append(all, peer.SCSOnRedis(addr, peer.Nine), gorilla), nil
}
