package measure

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Memcached is a server of our own, which ends with Stop or with this process.
type Memcached struct {
	Addr string // host:port, or the path of a unix socket
	cmd  *exec.Cmd
	dir  string
	conn net.Conn // for its statistics
	r    *bufio.Reader
}

const (
	startTimeout = 5 * time.Second
	memory       = "1024" // MiB: nothing is ever evicted
)

// StartTCP starts memcached on a free port of the loopback interface.
func StartTCP() (*Memcached, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().(*net.TCPAddr)
	_ = l.Close()
	m := &Memcached{Addr: addr.String()}
	return m, m.start("-l", "127.0.0.1", "-p", strconv.Itoa(addr.Port))
}

// StartUnix starts memcached on a unix socket.
func StartUnix() (*Memcached, error) {
	dir, err := os.MkdirTemp("", "bench") // short: a socket's path has at most 107 bytes
	if err != nil {
		return nil, err
	}
	m := &Memcached{Addr: filepath.Join(dir, "socket"), dir: dir}
	if err := os.Chmod(dir, 0o777); err != nil { // memcached creates the socket after it gave up being root
		return nil, err
	}
	return m, m.start("-s", m.Addr, "-a", "777")
}

func (m *Memcached) start(args ...string) error {
	args = append(args, "-U", "0", "-m", memory, "-c", "4096")
	if os.Geteuid() == 0 {
		args = append(args, "-u", "nobody") // it refuses to run as root
	}
	m.cmd = exec.Command("memcached", args...)
	m.cmd.Stderr = os.Stderr
	m.cmd.SysProcAttr = endWithParent()
	if err := m.cmd.Start(); err != nil {
		return fmt.Errorf("start memcached: %w", err)
	}
	for deadline := time.Now().Add(startTimeout); ; time.Sleep(5 * time.Millisecond) {
		var err error
		if m.conn, err = net.Dial(network(m.Addr), m.Addr); err == nil {
			m.r = bufio.NewReader(m.conn)
			return nil
		}
		if time.Now().After(deadline) {
			m.Stop()
			return fmt.Errorf("memcached does not answer: %w", err)
		}
	}
}

func network(addr string) string {
	if strings.HasPrefix(addr, "/") {
		return "unix"
	}
	return "tcp"
}

// Stop ends the server.
func (m *Memcached) Stop() {
	if m.conn != nil {
		_ = m.conn.Close()
	}
	_ = m.cmd.Process.Kill()
	_ = m.cmd.Wait()
	if m.dir != "" {
		_ = os.RemoveAll(m.dir)
	}
}

// Counts is what the server has seen so far.
type Counts struct {
	Commands    int // each is one round trip
	Connections int
	BytesIn     int
	BytesOut    int
}

// Counts asks the server. The question is no command that it counts, but its answer's bytes are in BytesOut.
func (m *Memcached) Counts() (Counts, error) {
	stats := make(map[string]int)
	if _, err := m.conn.Write([]byte("stats\r\n")); err != nil {
		return Counts{}, err
	}
	for {
		line, err := m.r.ReadString('\n')
		if err != nil {
			return Counts{}, fmt.Errorf("memcached's stats: %w", err)
		}
		f := strings.Fields(line)
		if len(f) == 1 && f[0] == "END" {
			break
		}
		if len(f) == 3 {
			if n, err := strconv.Atoi(f[2]); err == nil {
				stats[f[1]] = n
			}
		}
	}
	return Counts{
		// cmd_set counts add, replace, set and cas alike.
		Commands:    stats["cmd_get"] + stats["cmd_set"] + stats["cmd_touch"] + stats["delete_hits"] + stats["delete_misses"],
		Connections: stats["total_connections"],
		BytesIn:     stats["bytes_read"],
		BytesOut:    stats["bytes_written"],
	}, nil
}
