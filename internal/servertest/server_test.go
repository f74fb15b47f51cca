//go:build unix

package servertest_test

import (
	"net"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

func dial(s *servertest.Server) error {
	c, err := net.DialTimeout(servertest.Network(s.Addr()), s.Addr(), 10*time.Second)
	if err == nil {
		_ = c.Close()
	}
	return err
}

func TestAServerAnswersWhenItsConstructorReturns(t *testing.T) {
	mc := servertest.Memcached(t)
	for name, s := range map[string]*servertest.Server{
		"memcached":           mc,
		"memcached on a path": servertest.MemcachedUnix(t),
		"redis":               servertest.Redis(t),
		"twemproxy":           servertest.Twemproxy(t, mc),
	} {
		if err := dial(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if mc.Stats()["pid"] == "" {
		t.Error("memcached's stats say nothing")
	}
}

func TestAServerThatWasKilledOrStoppedComesBackOnItsAddress(t *testing.T) {
	for name, s := range map[string]*servertest.Server{
		"tcp":  servertest.Memcached(t),
		"unix": servertest.MemcachedUnix(t),
	} {
		addr, pid := s.Addr(), s.PID()
		s.Kill()
		if dial(s) == nil {
			t.Errorf("%s: a killed server still accepts", name)
		}
		s.Start()
		s.Restart()
		if s.Addr() != addr || s.PID() == pid {
			t.Errorf("%s: restarted as %d on %s, was %d on %s", name, s.PID(), s.Addr(), pid, addr)
		}
		if err := dial(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFrozenServerAnswersAgainWhenItIsResumed(t *testing.T) {
	s := servertest.Memcached(t)
	s.Pause()
	s.Resume()
	if got := s.Line("version"); got == "" {
		t.Error("no version")
	}
	s.Pause()
	s.Stop() // a frozen server can be ended
}

func TestNobodyAnswersOnceAServerIsFrozen(t *testing.T) {
	s := servertest.Memcached(t)
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range 20 {
		s.Pause()
		if _, err := conn.Write([]byte("version\r\n")); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 64)
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if n, err := conn.Read(buf); err == nil {
			t.Fatalf("answered %q", buf[:n])
		}
		s.Resume()
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := conn.Read(buf); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAServerEndsWithItsTest(t *testing.T) {
	var s *servertest.Server
	t.Run("starts one", func(t *testing.T) { s = servertest.Memcached(t) })
	if dial(s) == nil {
		t.Error("it outlived its test")
	}
}
