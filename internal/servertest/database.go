//go:build unix

package servertest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the databases are called that Postgres and MariaDB start. The user may do everything with the database Site and
// nothing else; the administrator may do everything.
const (
	Site     = "site"
	Admin    = "admin"
	Password = "the-password"
)

// Postgres starts PostgreSQL on a free loopback port, its files in a directory of the test's; args go to its
// command line ("-c", "max_connections=10", …). Clients may be Site or Admin, and any password will do.
func Postgres(t testing.TB, args ...string) *Server {
	t.Helper()
	newest, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // where Debian has it, and not in the PATH
	slices.Reverse(newest)
	postgres, initdb := program(t, "postgres", newest...), program(t, "initdb", newest...)
	owner := nobody(t)
	dir := directory(t, owner)
	run(t, owner, "", initdb, "-D", dir, "-U", Admin, "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")
	run(t, owner, "CREATE ROLE site LOGIN;\nCREATE DATABASE site OWNER site;\n",
		postgres, "--single", "-D", dir, "-c", "unix_socket_directories=", "postgres")
	s := &Server{t: t, name: postgres, user: owner, quits: true, children: true}
	// A StartupMessage of protocol 3.0: it listens before it is ready, and answers with an error then.
	startup := "\x00\x03\x00\x00user\x00" + Site + "\x00database\x00" + Site + "\x00\x00"
	s.probe = probe{request: "\x00\x00\x00" + string(rune(4+len(startup))) + startup, answer: "R"}
	s.argv = func(addr string) []string {
		host, port, _ := net.SplitHostPort(addr)
		return append([]string{"-D", dir, "-h", host, "-p", port, "-F", "-c", "unix_socket_directories=", "-c", "shared_buffers=16MB"}, args...)
	}
	return s.launch(func() string { return FreePort(t) })
}

// MariaDB starts MariaDB on a free loopback port, its files in a directory of the test's; args go to its command line
// ("--max-connections=10", …). Clients are Site or Admin with Password.
func MariaDB(t testing.TB, args ...string) *Server {
	t.Helper()
	mariadbd, install := program(t, "mariadbd"), program(t, "mariadb-install-db")
	owner := nobody(t)
	dir := directory(t, owner)
	data, users := filepath.Join(dir, "data"), filepath.Join(dir, "users.sql")
	run(t, owner, "", install, "--no-defaults", "--datadir="+data, "--skip-test-db", "--auth-root-authentication-method=normal")
	text := fmt.Sprintf("CREATE DATABASE IF NOT EXISTS %[1]s;\n"+
		"CREATE USER IF NOT EXISTS %[1]s@'%%' IDENTIFIED BY '%[3]s';\nGRANT ALL ON %[1]s.* TO %[1]s@'%%';\n"+
		"CREATE USER IF NOT EXISTS %[2]s@'%%' IDENTIFIED BY '%[3]s';\nGRANT ALL ON *.* TO %[2]s@'%%';\n", Site, Admin, Password)
	if err := os.WriteFile(users, []byte(text), 0o644); err != nil {
		t.Fatalf("servertest: %v", err)
	}
	s := &Server{t: t, name: mariadbd, user: owner}
	s.argv = func(addr string) []string {
		host, port, _ := net.SplitHostPort(addr)
		return append([]string{
			"--no-defaults", "--datadir=" + data, "--bind-address=" + host, "--port=" + port, "--socket=" + filepath.Join(dir, "socket"),
			"--init-file=" + users, "--skip-name-resolve", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M",
		}, args...)
	}
	return s.launch(func() string { return FreePort(t) })
}

// nobody is who runs a server that refuses to be root's.
func nobody(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// directory is one of owner's, in memory if it may be: what is on a disk after the power has failed is no test of ours.
func directory(t testing.TB, owner *syscall.Credential) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "servertest")
	if err != nil {
		dir, err = os.MkdirTemp("", "servertest") // not t.TempDir, into which nobody else can look
	}
	if err == nil && owner != nil {
		err = os.Chown(dir, int(owner.Uid), int(owner.Gid))
	}
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// run runs a program to its end.
func run(t testing.TB, owner *syscall.Credential, input, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = "/"
	cmd.Stdin = strings.NewReader(input)
	cmd.SysProcAttr = endWithParent()
	cmd.SysProcAttr.Credential = owner
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("servertest: %s: %v: %s", name, err, out)
	}
}

// pauseChildren freezes the children of a process that stands still, and waits until they do so too.
func (s *Server) pauseChildren() {
	s.t.Helper()
	s.signalChildren(syscall.SIGSTOP)
	deadline := time.Now().Add(startTimeout)
	for {
		frozen := 0
		children := s.family()
		for _, state := range children {
			if state == 'T' || state == 'Z' {
				frozen++
			}
		}
		if frozen > 0 && frozen == len(children) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("servertest: of %d children of %s %d are frozen", len(children), s.name, frozen)
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *Server) signalChildren(sig syscall.Signal) {
	for pid := range s.family() {
		_ = syscall.Kill(pid, sig) // it may have ended
	}
}

// family returns the children's ids and states, as Linux' /proc has them.
func (s *Server) family() map[int]byte {
	children := make(map[int]byte)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// "pid (name) state ppid …", and a name may have spaces and parentheses.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if parent, _ := strconv.Atoi(string(fields[1])); parent == s.PID() {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			children[pid] = fields[0][0]
		}
	}
	return children
}
