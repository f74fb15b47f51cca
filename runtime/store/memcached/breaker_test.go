package memcached

import (
	"testing"
	"time"
)

func TestTheBreakerOpensAfterFailuresInARowAndProbesOnceASecond(t *testing.T) {
	clock := &fakeClock{time.Unix(1_900_000_000, 0)}
	b := &breaker{now: clock.now}
	allowed := func(n int) (allowed int) {
		for range n {
			if b.allow() {
				allowed++
			}
		}
		return allowed
	}

	for range breakAfter - 1 {
		b.failed(b.count())
	}
	b.succeeded()
	for range breakAfter - 1 {
		b.failed(b.count())
	}
	if !b.allow() {
		t.Fatal("it opened, and there were never that many failures in a row")
	}
	b.failed(b.count())
	if b.allow() || !b.open() {
		t.Fatal("it did not open")
	}
	clock.t = clock.t.Add(skipFor - 1)
	if b.allow() {
		t.Error("probed before the second was over")
	}
	clock.t = clock.t.Add(1)
	if b.open() {
		t.Error("it skips what may be a probe")
	}
	if n := allowed(100); n != 1 {
		t.Errorf("%d probes, want 1", n)
	}
	clock.t = clock.t.Add(skipFor)
	if n := allowed(100); n != 1 {
		t.Errorf("%d probes after one that never reported back, want 1", n)
	}
	b.failed(b.count())
	if b.allow() {
		t.Error("a failed probe did not keep it open")
	}
	clock.t = clock.t.Add(skipFor)
	if !b.allow() {
		t.Error("no further probe")
	}
	b.succeeded()
	if n := allowed(100); n != 100 {
		t.Errorf("%d of 100 allowed after a good probe", n)
	}
	b.failed(b.count())
	if !b.allow() {
		t.Error("failures of before the good probe still count")
	}
}

func TestFailuresOfRequestsThatWereUnderWayTogetherCountAsOne(t *testing.T) {
	b := &breaker{now: time.Now}
	for range breakAfter - 1 {
		began := b.count()
		for range 64 {
			b.failed(began)
		}
		if b.open() {
			t.Fatal("it opened too early")
		}
	}
	b.failed(b.count())
	if !b.open() {
		t.Error("it did not open")
	}
}
