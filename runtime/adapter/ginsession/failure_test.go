package ginsession_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// answer runs a handler with a session that has one visit. It returns gin's response, and whether it was written and
// which errors there are as a middleware outside sees it afterwards.
func answer(t *testing.T, store session.Store, h gin.HandlerFunc) (
	resp *http.Response, body string, written bool, errs []*gin.Error,
) {
	t.Helper()
	sessions, err := fixture.NewSessions(store, session.Config{
		Secrets: [][]byte{fixture.Secret("gin")}, Cookie: session.Cookie{Insecure: true},
		Logger: slog.New(slog.DiscardHandler), SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	gin.SetMode(gin.TestMode)
	e := gin.New()
	e.Use(func(c *gin.Context) {
		c.Next()
		written, errs = c.Writer.Written(), c.Errors
	}, ginsession.Middleware(sessions))
	e.GET("/", func(c *gin.Context) {
		s, err := ginsession.Get(c, sessions)
		if err != nil {
			t.Error(err)
			return
		}
		s.AddVisits(1)
		h(c)
	})
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	return w.Result(), w.Body.String(), written, errs
}

func TestAnErrorThatIsAnsweredByItsHandlerSavesNothing(t *testing.T) {
	resp, body, _, _ := answer(t, course.NewStore(), func(c *gin.Context) {
		_ = c.Error(errors.New("no such item"))
		c.String(http.StatusNotFound, "no such item")
	})
	if resp.StatusCode != http.StatusNotFound || body != "no such item" || len(resp.Cookies()) != 0 {
		t.Errorf("%d %q %v", resp.StatusCode, body, resp.Cookies())
	}
}

func TestAFlushSavesFirst(t *testing.T) {
	resp, body, _, _ := answer(t, course.NewStore(), func(c *gin.Context) {
		c.Writer.Flush()
		c.String(http.StatusOK, "there")
	})
	if body != "there" || len(resp.Cookies()) != 1 {
		t.Errorf("%q, %v", body, resp.Cookies())
	}
}

// An answer without a body is one: nobody outside makes a page of it, and nobody inside changes its status any more.
func TestAnAnswerWithoutABodyIsWritten(t *testing.T) {
	resp, _, written, _ := answer(t, course.NewStore(), func(c *gin.Context) {
		c.AbortWithStatus(http.StatusForbidden)
		c.Status(http.StatusOK)
	})
	if !written || resp.StatusCode != http.StatusForbidden || len(resp.Cookies()) != 1 {
		t.Errorf("written: %t, %d, %v", written, resp.StatusCode, resp.Cookies())
	}
}

// gin records the error of a body that cannot be written, which is the session's.
func TestASaveThatFailsIsRecordedOnce(t *testing.T) {
	store := course.NewStore()
	store.ReadOnly.Store(true)
	resp, body, _, errs := answer(t, store, func(c *gin.Context) { c.JSON(http.StatusOK, "there") })
	if resp.StatusCode != http.StatusServiceUnavailable || body != "" || len(errs) != 1 ||
		!errors.Is(errs[0], session.ErrUnavailable) {
		t.Errorf("%d %q, %v", resp.StatusCode, body, errs)
	}
}
