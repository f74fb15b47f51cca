//go:build unix

package faults

import (
	"os"
	"testing"

	"github.com/redis/go-redis/v9/logging"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

func TestMain(m *testing.M) {
	logging.Disable() // go-redis remarks on each fault
	os.Exit(m.Run())
}

// A fault is what goes wrong, and how requests may end meanwhile.
type fault struct {
	name  string
	place func(*testing.T) *place
	expect
	loses bool // the sessions are gone afterwards
	bulk  int  // bytes that each save adds while it lasts
	hangs bool // whoever asks the store waits, and has time to leave

	rounds int32   // of each visitor, while it lasts; 0: two
	rare   float64 // the share of requests, at most, that are not served while it lasts; 0: any
}

type expect struct {
	read  []outcome // of a visitor with a session
	save  []outcome // of one, in a request of its own
	held  []outcome // a save, where the session was loaded before the fault
	enter []outcome // the login of a newcomer

	logout     []outcome // of a visitor with a session, in a request of its own
	heldLogout []outcome // the same, where the session was loaded before the fault
}

var (
	// Nothing gets through, and the store knows it.
	down = expect{
		read: []outcome{unavailable}, save: []outcome{unavailable},
		held: []outcome{unavailable}, enter: []outcome{unavailable},
		logout: []outcome{unavailable}, heldLogout: []outcome{unavailable},
	}
	// Requests are sent and nobody knows what becomes of them, until the node is skipped.
	mute = expect{
		read: []outcome{unavailable}, save: []outcome{unavailable},
		held: []outcome{unavailable, unknown}, enter: []outcome{unavailable, unknown},
		logout: []outcome{unavailable}, heldLogout: []outcome{unavailable, unknown},
	}
	// Some requests meet it and others do not.
	spotty = expect{
		read: []outcome{served, unavailable}, save: []outcome{served, unavailable, unknown, unclear},
		held: []outcome{served, unavailable, unknown, unclear}, enter: []outcome{served, unavailable, unknown, unclear},
		logout: []outcome{loggedOut, unavailable, unknown, unclear}, heldLogout: []outcome{loggedOut, unavailable, unknown, unclear},
	}
	unnoticed = expect{
		read: []outcome{served}, save: []outcome{served},
		held: []outcome{served}, enter: []outcome{served},
		logout: []outcome{loggedOut}, heldLogout: []outcome{loggedOut},
	}
	readOnly = expect{
		read: []outcome{served}, save: []outcome{unavailable},
		held: []outcome{unavailable}, enter: []outcome{unavailable},
		logout: []outcome{unavailable}, heldLogout: []outcome{unavailable},
	}
	refusedForSize = expect{
		read: []outcome{served}, save: []outcome{tooLarge},
		held: []outcome{tooLarge}, enter: []outcome{tooLarge},
		logout: []outcome{loggedOut}, heldLogout: []outcome{loggedOut},
	}
)

var kill, start = (*servertest.Server).Kill, (*servertest.Server).Start
var pause, resume = (*servertest.Server).Pause, (*servertest.Server).Resume

func TestNoFaultLogsAnybodyOutHangsARequestOrShowsAStrangersData(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: each fault lasts a second or more")
	}
	hung, alone := 0, 0
	for _, f := range []fault{
		{name: "memcached down when the process starts", place: onMemcached.behindGate(downAtStart), expect: down},
		{name: "memcached refuses connections", place: onMemcached.behindGate(refused), expect: down},
		{name: "memcached is a black hole", place: onMemcached.behindGate(blackHole), expect: down, hangs: true},
		{name: "memcached is killed and restarted", place: onMemcached.struck(kill, start), expect: down, loses: true},
		{name: "memcached is frozen", place: onMemcached.struck(pause, resume), expect: mute, hangs: true},
		{name: "memcached is at its connection limit", place: crowded, expect: spotty},
		{name: "memcached is full and does not evict", place: full(false), expect: readOnly},
		{name: "memcached is full and evicts", place: full(true), loses: true, expect: expect{
			read: []outcome{anonymous}, save: []outcome{anonymous},
			held:  []outcome{gone, served}, // Middleware lets the response go out, without a cookie
			enter: []outcome{served},

			logout: []outcome{anonymous}, heldLogout: []outcome{loggedOut},
		}},
		{name: "a session over MaxSize", place: limited(), expect: refusedForSize, bulk: 1100 << 10},
		{name: "a session over the limit of memcached", place: limited("-I", "512k"), expect: refusedForSize, bulk: 600 << 10},

		{name: "accepts and never answers", place: lying(silent), expect: mute, hangs: true},
		{name: "closes instead of an answer", place: lying(closing), expect: mute},
		{name: "drips", place: lying(dripping), expect: mute, hangs: true},
		{name: "values without end", place: lying(endless), expect: mute},
		{name: "garbage", place: lying(says("\x00\xff\x13\r\n\r\n")), expect: mute},
		{name: "another protocol", place: lying(says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")), expect: mute},
		{name: "truncated replies", place: lying(cutOff), expect: mute},
		{name: "a length shorter than the value", place: lying(shortened), expect: mute},
		{name: "a length of 4 GiB", place: lying(says("VALUE %s 0 4294967295 1\r\n")), expect: mute},
		{name: "a negative length", place: lying(says("VALUE %s 0 -1 1\r\n")), expect: mute},
		{name: "SERVER_ERROR", place: lying(says("SERVER_ERROR something broke\r\n")), expect: mute},
		{name: "a reply for another key, once", place: lyingAtOnce(strangers(false, true)), expect: unnoticed},
		{name: "replies for another key", place: lyingAtOnce(strangers(false, false)), expect: expect{
			read: []outcome{unavailable}, save: []outcome{unavailable},
			held: []outcome{served}, enter: []outcome{served}, // writes are answered
			logout: []outcome{unavailable}, heldLogout: []outcome{loggedOut},
		}},
		{name: "another's record under the own key, once", place: lyingAtOnce(strangers(true, true)), expect: unnoticed},
		{name: "others' records under the own key", place: lyingAtOnce(strangers(true, false)), expect: expect{
			read: []outcome{anonymous}, save: []outcome{anonymous},
			held: []outcome{served}, enter: []outcome{served},
			// A request of its own finds no session to show, and ends the one that the cookie names all the same.
			logout: []outcome{anonymous}, heldLogout: []outcome{loggedOut},
		}},
		{name: "each reply twice", place: lyingAtOnce(twice), expect: unnoticed},
		{name: "each reply again before the next", place: lying(late), expect: spotty},

		// A request of which a reply is lost asks again: one in four hundred is not served, and some of the others wait.
		{name: "memcached loses replies", place: memcachedLosing, expect: spotty, rounds: 60, rare: 0.04},
		{name: "redis loses replies", place: redisLosing, expect: spotty, rounds: 60, rare: 0.04},

		{name: "redis refuses connections", place: onRedis.behindGate(refused), expect: down},
		{name: "redis is a black hole", place: onRedis.behindGate(blackHole), expect: down, hangs: true},
		{name: "redis is killed and restarted", place: onRedis.struck(kill, start), expect: down, loses: true},
		{name: "redis is frozen", place: onRedis.struck(pause, resume), expect: mute, hangs: true},
	} {
		t.Run(f.name, func(t *testing.T) {
			if f.hangs {
				hung++
			}
			if live(t, &f) {
				alone++
			}
		})
	}
	if hung > 0 && alone == 0 { // in one row it may be that the machine stalls until the store gives up
		t.Error("nobody left while the store was still hanging")
	}
}
