package file

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// InUseError says that a process has the file open.
type InUseError struct {
	Path string // as it was given to Open
	PID  int    // of that process; 0 if it has not said
}

func (e *InUseError) Error() string {
	who := "another process"
	switch e.PID {
	case 0:
	case os.Getpid():
		who = "this process"
	default:
		who = "process " + strconv.Itoa(e.PID)
	}
	return fmt.Sprintf("file: %s is in use by %s", e.Path, who)
}

func pidPath(path string) string { return path + ".pid" }

// writePID says who has the file. It serves the message of an InUseError and nothing else: the lock is the file's
// own, so that neither a number that was left behind nor a disk too full for one does harm. It never writes through a
// link.
func (s *Store) writePID() {
	s.removePID()
	f, err := os.OpenFile(pidPath(s.path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return
	}
	_, _ = fmt.Fprintln(f, os.Getpid())
	_ = f.Close()
}

func (s *Store) removePID() { _ = os.Remove(pidPath(s.path)) }

func readPID(path string) int {
	text, err := os.ReadFile(pidPath(path))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}
