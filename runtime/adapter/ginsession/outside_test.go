package ginsession_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// What people write first: the handlers go on with gin's own writer.
func TestAResponsePastTheWriterIsWarnedOf(t *testing.T) {
	gin.SetMode(gin.TestMode)
	sessions, log := course.Logged(t, memory.New())
	e := gin.New()
	e.Use(func(c *gin.Context) {
		sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			c.Request = r
			c.Next()
		})).ServeHTTP(c.Writer, c.Request)
	})
	e.GET("/", func(c *gin.Context) {
		s, err := sessions.Get(c.Request)
		if err != nil {
			t.Error(err)
			return
		}
		s.SetUserName("Ann")
		c.String(http.StatusOK, "there")
	})
	for range 2 {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Body.String() != "there" || len(w.Result().Cookies()) != 0 {
			t.Errorf("%s, %v", w.Body, w.Result().Cookies())
		}
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 || !strings.Contains(log.String(), "use Manager.Do") {
		t.Errorf("%d warnings: %s", n, log)
	}
}

// gin's Stream asks the server's writer for its CloseNotify without asking first whether it has one.
func TestStreamWorksWithinMiddlewareAroundTheEngine(t *testing.T) {
	gin.SetMode(gin.TestMode)
	sessions, log := course.Logged(t, memory.New())
	e := gin.New()
	left := make(chan bool, 1)
	e.GET("/", func(c *gin.Context) {
		s, err := sessions.Get(c.Request)
		if err != nil {
			t.Error(err)
			return
		}
		s.AddVisits(1)
		n := 0
		left <- c.Stream(func(w io.Writer) bool {
			n++
			_, _ = io.WriteString(w, "line\n")
			return c.Query("endless") != "" || n < 3
		})
	})
	server := httptest.NewServer(sessions.Middleware(e))
	defer server.Close()

	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "line\nline\nline\n" || len(resp.Cookies()) != 1 {
		t.Errorf("%q, %v, %v", body, err, resp.Cookies())
	}
	if <-left {
		t.Error("the client was taken for one that has left")
	}

	ctx, leave := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, "GET", server.URL+"?endless=1", nil)
	if resp, err = http.DefaultClient.Do(r); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	leave()
	if !<-left {
		t.Error("a client that has left was not noticed")
	}
	if log.Len() != 0 {
		t.Errorf("logged: %s", log)
	}
}

// Its error is among c.Errors, which nobody need print.
func TestAChangeAfterTheFirstByteIsLogged(t *testing.T) {
	gin.SetMode(gin.TestMode)
	sessions, log := course.Logged(t, memory.New())
	e := gin.New()
	var errs []*gin.Error
	e.Use(func(c *gin.Context) { c.Next(); errs = c.Errors }, ginsession.Middleware(sessions))
	e.GET("/", func(c *gin.Context) {
		s, err := ginsession.Get(c, sessions)
		if err != nil {
			t.Error(err)
			return
		}
		c.String(http.StatusOK, "there")
		s.SetUserName("Ann")
	})
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusOK || w.Body.String() != "there" || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d %s, %v", w.Code, w.Body, w.Result().Cookies())
	}
	if len(errs) != 1 || !errors.Is(errs[0], session.ErrLateSave) {
		t.Errorf("%v", errs)
	}
	if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), session.ErrLateSave.Error()) {
		t.Errorf("logged: %s", log)
	}
}
