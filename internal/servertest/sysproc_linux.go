package servertest

import "syscall"

// endWithParent lets the kernel end a server whose test binary was killed and so never ran its cleanups.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
