//go:build unix

// Package servertest lets a test start real servers of its own: memcached, redis-server, twemproxy, PostgreSQL and
// MariaDB, each on a free loopback port (or a unix socket), answering by the time the call returns, and ended when the
// test ends. A test can stop, kill, freeze and restart what it started; nothing else is ever touched, and no server
// that happens to run on the machine is used.
//
// A server whose program is not installed skips the test with the reason, or fails it where the environment says
// CI=true. Unix only.
package servertest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	startTimeout = time.Minute     // for a server to answer; a busy machine takes its time
	stopTimeout  = 5 * time.Second // between SIGTERM and SIGKILL
	portTries    = 5               // a port found free can be taken before the server binds it

	// Ports that no system gives to whoever asks for any, so that a server that was stopped finds its own free again.
	firstPort, ports = 10_000, 20_000
)

// A Server is one process that a test started. Its methods fail the test rather than return errors, and are for one
// goroutine at a time.
type Server struct {
	t     testing.TB
	name  string // of the program
	addr  string
	argv  func(addr string) []string
	probe probe

	user     *syscall.Credential // who runs it; nil for whoever runs the test
	quits    bool                // SIGKILL would leave its children: SIGQUIT ends all of them as fast
	children bool                // they do the work, and freeze with it

	cmd    *exec.Cmd
	output *syncBuffer
	exited chan struct{}
}

// A probe is a request by which a server shows that it is up, and how its answer begins.
type probe struct {
	request, answer string
	tls             *tls.Config // nil without
}

// Addr is host:port, or the path of the socket.
func (s *Server) Addr() string { return s.addr }

// PID is the process now running.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop ends the process in its own way (SIGTERM) and waits until it is gone.
func (s *Server) Stop() {
	s.t.Helper()
	s.end(syscall.SIGTERM)
}

// Kill ends the process at once (SIGKILL) and waits until it is gone.
func (s *Server) Kill() {
	s.t.Helper()
	if s.quits {
		s.end(syscall.SIGQUIT)
		return
	}
	s.end(syscall.SIGKILL)
}

// Pause freezes the process (SIGSTOP) and returns once its last thread stands still: the kernel still accepts its
// connections and nobody answers.
func (s *Server) Pause() {
	s.t.Helper()
	s.signal(syscall.SIGSTOP)
	// The signal alone says little: a thread that runs on another core can answer for some milliseconds more. The
	// parent hears of a stop when all threads have come to it.
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(s.PID(), &status, syscall.WUNTRACED, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || !status.Stopped() {
			s.t.Fatalf("servertest: %s does not freeze: status %#x, %v", s.name, status, err)
		}
		break
	}
	if s.children { // no more are born now
		s.pauseChildren()
	}
}

// Resume lets a frozen process run on.
func (s *Server) Resume() {
	s.t.Helper()
	if s.children {
		s.signalChildren(syscall.SIGCONT)
	}
	s.signal(syscall.SIGCONT)
}

// Start runs a server that was stopped or killed again, on the same address, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	if s.running() {
		s.t.Fatalf("servertest: %s is running already", s.name)
	}
	if err := s.start(); err != nil {
		s.t.Fatalf("servertest: %v", err)
	}
}

// Restart is Stop and Start: the same address, nothing remembered.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.Start()
}

// launch finds the program, starts it on an address of its own and registers its end with the test.
func launch(t testing.TB, name string, p probe, newAddr func() string, argv func(addr string) []string) *Server {
	t.Helper()
	return (&Server{t: t, name: program(t, name), argv: argv, probe: p}).launch(newAddr)
}

// program is where a program is: in the PATH, in /usr/sbin, which is not in everybody's, or in one more directory.
func program(t testing.TB, name string, dirs ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	for _, dir := range append(dirs, "/usr/sbin") {
		if err == nil {
			return path
		}
		path, err = exec.LookPath(filepath.Join(dir, name))
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("servertest: %s is not installed", name)
	}
	if err != nil {
		t.Skipf("servertest: %s is not installed", name)
	}
	return path
}

func (s *Server) launch(newAddr func() string) *Server {
	t := s.t
	t.Helper()
	t.Cleanup(func() {
		if s.cmd != nil && s.running() {
			s.Kill()
		}
	})
	var err error
	for range portTries {
		s.addr = newAddr()
		if err = s.start(); err == nil {
			return s
		}
	}
	t.Fatalf("servertest: %v", err)
	return nil
}

func (s *Server) start() error {
	s.output = new(syncBuffer)
	s.cmd = exec.Command(s.name, s.argv(s.addr)...)
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	s.cmd.SysProcAttr = s.attributes()
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	s.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // ended by a signal most of the time
		close(exited)
	}(s.cmd, s.exited)

	deadline := time.Now().Add(startTimeout)
	for {
		err := s.answers()
		if err == nil && s.running() {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("%s on %s ended at once: %s", s.name, s.addr, s.output)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			s.end(syscall.SIGKILL)
			return fmt.Errorf("%s on %s does not answer after %v: %w: %s", s.name, s.addr, startTimeout, err, s.output)
		}
	}
}

func (s *Server) attributes() *syscall.SysProcAttr {
	a := endWithParent()
	a.Credential = s.user
	return a
}

func (s *Server) answers() error {
	got, err := s.exchange(s.probe.request, startTimeout/10)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(got, s.probe.answer) {
		return fmt.Errorf("answered %q", got)
	}
	return nil
}

// exchange sends one request on a connection of its own and returns what the first read brings.
func (s *Server) exchange(request string, timeout time.Duration) (string, error) {
	conn, err := net.DialTimeout(Network(s.addr), s.addr, timeout)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if s.probe.tls != nil {
		conn = tls.Client(conn, s.probe.tls)
	}
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	if _, err := conn.Write([]byte(request)); err != nil {
		return "", err
	}
	var buf [4096]byte
	n, err := conn.Read(buf[:])
	return string(buf[:n]), err
}

func (s *Server) running() bool {
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if !s.running() {
		s.t.Fatalf("servertest: %s has ended: %s", s.name, s.output)
	}
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("servertest: signal %v to %s: %v", sig, s.name, err)
	}
}

func (s *Server) end(sig syscall.Signal) {
	s.t.Helper()
	s.signal(sig)
	_ = s.cmd.Process.Signal(syscall.SIGCONT) // a frozen process takes SIGKILL alone; one that has ended needs no more
	if s.children {
		s.signalChildren(syscall.SIGCONT)
	}
	select {
	case <-s.exited:
	case <-time.After(stopTimeout):
		_ = s.cmd.Process.Kill()
		<-s.exited
	}
}

// Network is the network of an address as this package writes them: "unix" for a path, else "tcp".
func Network(addr string) string {
	if strings.HasPrefix(addr, "/") {
		return "unix"
	}
	return "tcp"
}

// FreePort returns a loopback address on which nothing listens now. It stays free unless somebody else takes just this
// one, which makes it good for "connection refused" too.
func FreePort(t testing.TB) string {
	t.Helper()
	var err error
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", firstPort+rand.IntN(ports))
		var l net.Listener
		if l, err = net.Listen("tcp", addr); err == nil {
			_ = l.Close()
			return addr
		}
	}
	t.Fatalf("servertest: no free port: %v", err)
	return ""
}

// syncBuffer keeps a server's output for the failure message.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
