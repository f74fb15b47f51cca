package measure

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// OnOneCore runs f while this process and the servers share one core, and then lets them go where they were. A
// request and its reply are two wake-ups; on a machine of few, often idle cores each takes 1 µs or 30 by the core
// that the scheduler happens to choose, which is more than what is to be compared. On one core there is no choice,
// and the garbage of each contender is collected in its own time.
//
// Nor does a wake-up take the core away (SCHED_BATCH): every client waits for its reply, as it does for a server on
// another machine. Otherwise the server now and then answers inside the client's write, for minutes on end or not at
// all, and that is 20 % of a round trip.
func OnOneCore(f func() error, servers ...*Memcached) error {
	return pinned(f, servers, func(cores []int) (own, theirs int) { return cores[0], cores[0] })
}

// OnACoreEach runs f while this process has one core and the servers have another: each round trip takes two wake-ups
// from core to core, as a network would have it, and the contenders' work does not crowd the server's out of the
// caches. On a machine with a single core it is OnOneCore.
func OnACoreEach(f func() error, servers ...*Memcached) error {
	return pinned(f, servers, func(cores []int) (own, theirs int) { return cores[len(cores)-1], cores[0] })
}

func pinned(f func() error, servers []*Memcached, choose func(cores []int) (own, theirs int)) error {
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return err
	}
	var cores []int
	for cpu := range len(all) * 64 {
		if all.IsSet(cpu) {
			cores = append(cores, cpu)
		}
	}
	place := func(own, theirs *unix.CPUSet, policy uint32) error {
		for _, s := range servers {
			if err := pin(s.cmd.Process.Pid, theirs, policy); err != nil {
				return err
			}
		}
		return pin(os.Getpid(), own, policy)
	}
	var own, theirs unix.CPUSet
	mine, others := choose(cores)
	own.Set(mine)
	theirs.Set(others)
	if err := place(&own, &theirs, unix.SCHED_BATCH); err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // as on a machine that has no more
	if err := f(); err != nil {
		return err
	}
	return place(&all, &all, unix.SCHED_NORMAL)
}

// pin binds all threads of a process; threads that they start later follow.
func pin(pid int, to *unix.CPUSet, policy uint32) error {
	how := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: policy}
	threads, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*"))
	if err != nil {
		return err
	}
	for _, t := range threads {
		tid, err := strconv.Atoi(filepath.Base(t))
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(tid, to); err != nil && err != unix.ESRCH {
			return err
		}
		if err := unix.SchedSetAttr(tid, &how, 0); err != nil && err != unix.ESRCH {
			return err
		}
	}
	return nil
}
