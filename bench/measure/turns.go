// Package measure times things that are to be compared, and starts the memcached that they talk to.
//
// The machine is never quiet, so nothing is timed on its own: the contenders run in turns, a few milliseconds each,
// round after round, and are compared with what else ran in the same round. The median of such ratios stays put where
// a mean of times wanders by a third.
package measure

import (
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"time"
)

// A Runner is one contender.
type Runner struct {
	Name    string
	Run     func(n int) // does n operations
	Prepare func(n int) // what n operations need and no clock sees; may be nil
}

// A Series is what one contender took, in nanoseconds for each operation, round by round.
type Series struct {
	Wall Times
	CPU  Times // of this process, user and system, all threads
}

// Turns runs the contenders in turns until the time is used up, each for about one slice, in another order in each
// round: whoever comes after a certain one may have an advantage. Each turn begins with a garbage collection, off the
// clock: whoever leaves much behind pays for it in its own turn, if that is long enough.
func Turns(total, slice time.Duration, runners ...Runner) []Series {
	counts := make([]int, len(runners))
	for i, r := range runners {
		counts[i] = r.calibrate(slice)
	}
	all := make([]Series, len(runners))
	const minRounds = 5
	for start, round := time.Now(), 0; round < minRounds || time.Since(start) < total; round++ {
		for _, i := range rand.Perm(len(runners)) {
			runtime.GC()
			wall, cpu := runners[i].timed(counts[i])
			n := float64(counts[i])
			all[i].Wall = append(all[i].Wall, float64(wall)/n)
			all[i].CPU = append(all[i].CPU, float64(cpu)/n)
		}
	}
	return all
}

// calibrate finds how many operations fill a slice; it warms up by the way.
func (r Runner) calibrate(slice time.Duration) int {
	for n := 1; ; n *= 2 {
		if wall, _ := r.timed(n); wall > slice/2 || n >= 1<<24 {
			return max(1, int(float64(n)*float64(slice)/float64(max(wall, 1))))
		}
	}
}

func (r Runner) timed(n int) (wall, cpu time.Duration) {
	if r.Prepare != nil {
		r.Prepare(n)
	}
	before := CPU()
	start := time.Now()
	r.Run(n)
	wall = time.Since(start)
	return wall, CPU() - before
}

// CPU is the time that this process has used so far.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // impossible with this argument
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Allocs returns the allocations and the allocated bytes of one operation, the mean of n. The garbage collector is off
// meanwhile, so that what pools hold stays there.
func (r Runner) Allocs(n int) (count, bytes float64) {
	if r.Prepare != nil {
		r.Prepare(2 * n)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	r.Run(n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r.Run(n)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
}

// Times are measurements of one thing, in the order in which they were made.
type Times []float64

// Median of the times; 0 of none.
func (t Times) Median() float64 { return t.Quantile(0.5) }

// Quantile returns the time that the fraction q of the others does not exceed.
func (t Times) Quantile(q float64) float64 {
	if len(t) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(t))
	return s[int(q*float64(len(s)-1)+0.5)]
}

// Over divides each time by the one that other took in the same round.
func (t Times) Over(other Times) Times {
	ratios := make(Times, min(len(t), len(other)))
	for i := range ratios {
		ratios[i] = t[i] / other[i]
	}
	return ratios
}

// Less takes from each time what other took in the same round.
func (t Times) Less(other Times) Times {
	rest := make(Times, min(len(t), len(other)))
	for i := range rest {
		rest[i] = t[i] - other[i]
	}
	return rest
}
