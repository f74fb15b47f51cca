//go:build unix

package faults

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// The eras of a story.
const (
	healthy int32 = iota
	breaking
	broken
	mending
	over // the store may still be skipping the node
)

// A story is one fault and those who live through it.
type story struct {
	t      *testing.T
	fault  *fault
	place  *place
	site   *site
	client *http.Client
	era    atomic.Int32

	cookies map[string]string // of everybody, by name

	quiet sync.RWMutex // held while nobody may browse

	mu   sync.Mutex
	seen map[outcome]int // while the fault lasted
}

// live tells the story of a fault. Everybody logs in. Two keep browsing, each in both ways of using a session, and
// newcomers come; four more have loaded their session when the fault begins, and then two save and two log out; one
// more comes to log out while it lasts. Where the store hangs, one more saves a session loaded before, and leaves
// meanwhile. When the fault is over, the cookies from before it have to work, with what was saved, but for those of
// whom wanted to log out: also where they have been told that it failed. It returns whether somebody left while the
// store was still hanging.
func live(t *testing.T, f *fault) (alone bool) {
	t.Helper()
	servertest.NoLeak(t)
	place := f.place(t)
	st := &story{t: t, fault: f, place: place, seen: make(map[outcome]int), cookies: make(map[string]string), client: &http.Client{Transport: &http.Transport{}}}
	st.site = newSite(t, place.opener)
	t.Cleanup(st.client.CloseIdleConnections)
	visitors := make(map[string]*visitor)
	for _, name := range everybody {
		visitors[name] = st.login(name)
	}
	ann, bob, eve, fay := visitors["Ann"], visitors["Bob"], visitors["Eve"], visitors["Fay"]
	hal, ida, joy, kim := visitors["Hal"], visitors["Ida"], visitors["Joy"], visitors["Kim"]
	gus := &visitor{story: st, name: newcomer}

	stop := make(chan struct{})
	finish := sync.OnceFunc(func() { close(stop) })
	release := sync.OnceFunc(func() { close(st.site.release) })
	var browsing sync.WaitGroup
	t.Cleanup(func() { // where the story ends early
		finish()
		release()
		browsing.Wait()
	})
	for _, every := range []func(){ann.round, bob.round, gus.enter} {
		browsing.Go(func() {
			pace := time.NewTicker(2 * time.Millisecond) // refusals take microseconds, and would leave the others no processor
			defer pace.Stop()
			for {
				select {
				case <-stop:
					return
				case <-pace.C:
					every()
				}
			}
		})
	}
	rounds := func(n int32) {
		t.Helper()
		a, b, g := ann.rounds.Load()+n, bob.rounds.Load()+n, gus.rounds.Load()+n
		servertest.Eventually(t, "everybody is served or told why not", func() bool {
			return ann.rounds.Load() >= a && bob.rounds.Load() >= b && gus.rounds.Load() >= g
		})
	}
	rounds(2)

	holders := []holder{
		{eve, (*visitor).save, fmt.Sprintf("/middleware?hold=1&bulk=%d", f.bulk), f.held},
		{fay, (*visitor).save, fmt.Sprintf("/load?hold=1&bulk=%d", f.bulk), f.held},
		{hal, (*visitor).logout, "/middleware?hold=1&logout=1", f.heldLogout},
		{ida, (*visitor).logout, "/load?hold=1&logout=1", f.heldLogout},
	}
	leaving, leave := context.WithCancel(t.Context())
	defer leave()
	if f.hangs {
		holders = append(holders, holder{kim, func(v *visitor, _ context.Context, path string) reply { return v.save(leaving, path) },
			"/load?hold=1&leave=1", []outcome{left}})
	}
	held := make([]reply, len(holders))
	var holding sync.WaitGroup
	for i, h := range holders {
		holding.Go(func() {
			// Nobody who has loaded a session is answered before the release. A machine that stalls for a Timeout
			// costs a try.
			for again := true; again; again = st.site.released.Load() == 0 && t.Context().Err() == nil {
				held[i] = h.does(h.who, t.Context(), h.path)
			}
		})
	}
	servertest.Eventually(t, "their requests have loaded their session", func() bool { return int(st.site.loaded.Load()) == len(holders) })

	st.site.touchesAreDue()
	st.era.Store(breaking)
	place.begin(st)
	st.era.Store(broken)
	st.site.released.Store(time.Now().UnixNano())
	release()
	if f.hangs {
		<-st.site.saving
		leave()
	}
	holding.Wait()
	if f.hangs {
		alone = st.judgeUnseen(kim, <-st.site.unseen)
	}
	for i, h := range holders {
		st.judge(h.who.name+", who had loaded a session", broken, h.want, held[i])
	}
	st.judge(joy.name+", who logs out", broken, f.logout, joy.logout(t.Context(), "/load?logout=1"))
	rounds(max(2, f.rounds))
	if !st.bitten() {
		t.Error("nobody met the fault")
	}
	st.era.Store(mending)
	place.end(st)
	start := time.Now()
	st.era.Store(over)
	servertest.Eventually(t, "everybody is served", func() bool {
		return ann.good.Load() > 0 && bob.good.Load() > 0 && gus.good.Load() > 0
	})
	back := time.Since(start)
	finish()
	browsing.Wait()

	for _, v := range visitors {
		v.survives()
	}
	servertest.Eventually(t, "no logout is tried again any more", func() bool { return !running("session.(*unended).run") })
	st.report(back)
	return alone
}

// A holder is a visitor whose request has loaded a session when the fault begins.
type holder struct {
	who  *visitor
	does func(v *visitor, ctx context.Context, path string) reply
	path string
	want []outcome
}

// judgeUnseen judges what went on for a visitor who left, and returns whether that was before the store gave up.
func (st *story) judgeUnseen(v *visitor, e ending) bool {
	st.t.Helper()
	st.t.Logf("%s left; the save went on alone: %t; it ended after %v (%s), budget %v", v.name, e.alone, e.took, e.outcome, heldBudget)
	if !slices.Contains(st.fault.held, e.outcome) {
		st.t.Errorf("%s, who left: %s, want one of %q", v.name, e.outcome, st.fault.held)
	}
	if e.took > servertest.Noisy*heldBudget {
		st.t.Errorf("%s, who left: the save took %v, budget %v", v.name, e.took, heldBudget)
	}
	return e.alone
}

// login gets a visitor a session. A machine that stalls for a Timeout costs a try, and one that stalls for several
// all that come in the second for which the store then skips the node.
func (st *story) login(name string) *visitor {
	st.t.Helper()
	v := &visitor{story: st, name: name}
	servertest.Eventually(st.t, name+" is logged in", func() bool {
		r := v.ask(st.t.Context(), http.MethodPost, "/load?name="+name)
		v.cookie, st.cookies[name] = r.setCookie, r.setCookie
		return r.outcome == served
	})
	return v
}

// query makes a request one that the fault is about.
func (st *story) query() string {
	if era := st.era.Load(); st.fault.bulk > 0 && (era == breaking || era == broken) {
		return fmt.Sprintf("?bulk=%d", st.fault.bulk)
	}
	return ""
}

// after is what becomes of visitors when the fault is over.
func (st *story) after() []outcome {
	if st.fault.loses {
		return []outcome{anonymous}
	}
	return []outcome{served}
}

// judge compares a request that began in an era with what it may end in. One that saw the fault come or go can be
// either way, but nothing without a type.
func (st *story) judge(who string, from int32, want []outcome, r reply) {
	if from == broken && st.era.Load() == broken {
		st.mu.Lock()
		st.seen[r.outcome]++
		st.mu.Unlock()
	} else {
		want = slices.Concat(want, st.after(), []outcome{served, unavailable, unknown, unclear, left})
		if st.fault.loses {
			want = append(want, gone)
		}
	}
	if !slices.Contains(want, r.outcome) {
		st.t.Errorf("%s: %s after %v, want one of %q", who, r.outcome, r.took, want)
	}
}

// bitten reports whether the fault was there to be met.
func (st *story) bitten() bool {
	if st.place.met != nil {
		return st.place.met()
	}
	met, _ := st.met()
	return met > 0
}

// met returns how many requests have met the fault, of how many whose end somebody has seen.
func (st *story) met() (met, all int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for o, n := range st.seen {
		if o != left {
			all += n
		}
		if o != served && o != loggedOut && o != left {
			met += n
		}
	}
	return met, all
}

// survives checks that the session of before the fault has what was saved, and no more; or is gone where the fault
// takes it.
func (v *visitor) survives() {
	v.t.Helper()
	var r reply
	servertest.Eventually(v.t, v.name+" is served", func() bool {
		r = v.ask(v.t.Context(), http.MethodGet, "/load")
		return r.outcome == served && !v.pending || r.outcome == anonymous
	})
	if !slices.Contains(v.after(), r.outcome) {
		v.t.Errorf("%s, with the cookie of before: %s, want %q", v.name, r.outcome, v.after())
	}
	if v.plausible(r); r.outcome == served && r.visits < v.saved {
		v.t.Errorf("%s has %d visits, %d were saved", v.name, r.visits, v.saved)
	}
}

func (st *story) report(back time.Duration) {
	st.t.Helper()
	var seen []string
	for _, o := range slices.Sorted(maps.Keys(st.seen)) {
		seen = append(seen, fmt.Sprintf("%s %d", o, st.seen[o]))
	}
	st.t.Logf("while it lasted: %s", strings.Join(seen, ", "))
	if met, all := st.met(); st.fault.rare > 0 && float64(met) > st.fault.rare*float64(all) {
		st.t.Errorf("%d of %d requests were not served", met, all)
	}
	for _, b := range []struct {
		what  string
		took  *servertest.Longest
		limit time.Duration
	}{
		{"read", &st.site.reads, readBudget},
		{"load and save", &st.site.saves, saveBudget},
		{"save or logout of a session loaded before", &st.site.held, heldBudget},
	} {
		st.t.Logf("slowest %s: %v, budget %v", b.what, b.took.Get(), b.limit)
		if b.took.Get() > servertest.Noisy*b.limit {
			st.t.Errorf("a %s took %v, budget %v", b.what, b.took.Get(), b.limit)
		}
	}
	st.t.Logf("served again after %v", back.Round(time.Millisecond))
}

// running reports whether a goroutine is in a function.
func running(function string) bool {
	stacks := make([]byte, 1<<20)
	return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte(function+"("))
}
