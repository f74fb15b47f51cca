package session

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
)

type requestKey struct{}

func TestASaveOutlivesItsRequestAndEndsAtItsOwnTime(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		request, leave := context.WithCancel(context.WithValue(t.Context(), requestKey{}, "trace"))
		c := newSaveContext(request, time.Second)
		defer c.release()
		leave()
		if c.Err() != nil || c.Value(requestKey{}) != "trace" {
			t.Errorf("after the visitor has left: %v, %v", c.Err(), c.Value(requestKey{}))
		}
		start := time.Now()
		<-c.Done()
		if took := time.Since(start); took != time.Second || !errors.Is(c.Err(), context.DeadlineExceeded) {
			t.Errorf("done after %v: %v", took, c.Err())
		}
	})
}

// A store may wait with a context of its own, which outlives the Save. Package context panics if Done is closed
// before Err is set.
func TestWhatAStoreDerivesFromASaveEndsWithIt(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		c := newSaveContext(t.Context(), time.Second)
		before, cancel := context.WithCancel(c)
		defer cancel()
		c.release()
		<-before.Done()
		if !errors.Is(before.Err(), context.Canceled) {
			t.Errorf("derived before the end: %v", before.Err())
		}
		after, cancel := context.WithCancel(c)
		defer cancel()
		<-after.Done()
		if !errors.Is(after.Err(), context.Canceled) {
			t.Errorf("derived after the end: %v", after.Err())
		}
	})
	c := newSaveContext(t.Context(), time.Hour)
	c.release()
	select {
	case <-c.Done():
	default:
		t.Error("a context that nobody waited for is not done when it is released")
	}
}
