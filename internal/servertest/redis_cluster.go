//go:build unix

package servertest

import (
	"fmt"
	"net"
	"strconv"
	"testing"
)

// A Cluster is a Redis Cluster of three masters, each with a third of the slots, and a replica of the first. A master
// that does not answer for a second is taken for dead.
type Cluster struct {
	Masters []*Server
	Replica *Server // of Masters[0]
}

const (
	clusterMasters = 3
	clusterSlots   = 16384
	clusterBus     = 10000 // how far the port that nodes use among each other is above the one for clients
)

// RedisCluster starts a Cluster, which serves when the call returns.
func RedisCluster(t testing.TB) *Cluster {
	t.Helper()
	var nodes []*Server
	for i := range clusterMasters + 1 {
		n := redisServer(t, redisProbe(), func() string { return freeClusterPort(t) }, func(addr string) []string {
			host, port, _ := net.SplitHostPort(addr)
			return []string{
				"--bind", host, "--port", port, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000",
				"--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1",
			}
		})
		n.Redis("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
		nodes = append(nodes, n)
	}
	c := &Cluster{Masters: nodes[:clusterMasters], Replica: nodes[clusterMasters]}
	for i, m := range c.Masters {
		command := []string{"CLUSTER", "ADDSLOTS"}
		for slot := i * clusterSlots / clusterMasters; slot < (i+1)*clusterSlots/clusterMasters; slot++ {
			command = append(command, strconv.Itoa(slot))
		}
		m.Redis(command...)
	}
	for i, n := range nodes { // all with all, for gossip takes seconds
		host, port, _ := net.SplitHostPort(n.addr)
		for _, other := range nodes[i+1:] {
			other.Redis("CLUSTER", "MEET", host, port)
		}
	}
	for _, n := range nodes {
		n.waitRedis([]string{"CLUSTER", "INFO"}, "cluster_state:ok", fmt.Sprintf("cluster_known_nodes:%d", len(nodes)),
			fmt.Sprintf("cluster_slots_ok:%d", clusterSlots))
	}
	c.Replica.Redis("CLUSTER", "REPLICATE", nodes[0].Redis("CLUSTER", "MYID"))
	c.Replica.waitRedis([]string{"INFO", "replication"}, "role:slave", "master_link_status:up")
	for _, m := range c.Masters {
		m.waitRedis([]string{"CLUSTER", "SLOTS"}, c.Replica.Redis("CLUSTER", "MYID"))
	}
	return c
}

// Addrs are the addresses of the masters.
func (c *Cluster) Addrs() []string {
	var addrs []string
	for _, m := range c.Masters {
		addrs = append(addrs, m.addr)
	}
	return addrs
}

// freeClusterPort is FreePort for a node, which needs a second port.
func freeClusterPort(t testing.TB) string {
	t.Helper()
	for range 100 {
		addr := FreePort(t)
		host, text, _ := net.SplitHostPort(addr)
		port, _ := strconv.Atoi(text)
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port+clusterBus)))
		if err == nil {
			_ = l.Close()
			return addr
		}
	}
	t.Fatal("servertest: no two free ports for a node of a cluster")
	return ""
}
