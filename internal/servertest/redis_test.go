//go:build unix

package servertest_test

import (
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

func TestAClusterServesWhenItsConstructorReturns(t *testing.T) {
	c := servertest.RedisCluster(t)
	for i, m := range c.Masters {
		key := []string{"foo2", "foo4", "foo1"}[i] // of its third of the slots
		if got := m.Redis("SET", key, "x"); got != "OK" {
			t.Errorf("master %d: %s", i, got)
		}
	}
	if got := c.Replica.Redis("ROLE"); !strings.HasPrefix(got, "slave\n") {
		t.Errorf("the replica is %q", got)
	}
}

func TestSentinelsKnowTheirMasterWhenTheirConstructorReturns(t *testing.T) {
	w := servertest.RedisSentinel(t)
	for i, s := range w.Sentinels {
		got := s.Redis("SENTINEL", "get-master-addr-by-name", w.Name)
		if strings.ReplaceAll(got, "\n", ":") != w.Master.Addr() {
			t.Errorf("sentinel %d says %q", i, got)
		}
	}
}
