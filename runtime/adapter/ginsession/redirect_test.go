package ginsession_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// goingTo counts a visit and goes on to another path by HandleContext.
func goingTo(t *testing.T, e *gin.Engine, sessions *fixture.Sessions, path string) gin.HandlerFunc {
	return func(c *gin.Context) {
		s, err := ginsession.Get(c, sessions)
		if err != nil {
			t.Error(err)
			return
		}
		s.AddVisits(1)
		c.Request.URL.Path = path
		e.HandleContext(c)
	}
}

// redirected sends a request to /old, which goes on to /new, through middlewares.
func redirected(
	t *testing.T, sessions *fixture.Sessions, arrive gin.HandlerFunc, middlewares ...gin.HandlerFunc,
) *http.Response {
	t.Helper()
	gin.SetMode(gin.TestMode)
	e := gin.New()
	e.Use(middlewares...)
	e.GET("/old", goingTo(t, e, sessions, "/new"))
	e.GET("/new", arrive)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest("GET", "/old", nil))
	return w.Result()
}

func TestARedirectByHandleContextGoesOnWithTheSession(t *testing.T) {
	sessions, log := course.Logged(t, memory.New())
	others, _ := course.Logged(t, memory.New())
	ours := ginsession.Middleware(sessions)
	var marks int
	for name, middlewares := range map[string][]gin.HandlerFunc{
		"alone":                 {ours},
		"twice":                 {ours, ours},
		"with another's":        {ginsession.Middleware(others), ours},
		"within another's":      {ours, ginsession.Middleware(others)},
		"with a writer inside":  {ours, marking(&marks)},
		"with a writer outside": {marking(&marks), ours},
		"with a writer between": {ours, marking(&marks), ours},
	} {
		t.Run(name, func(t *testing.T) {
			marks = 0
			for answer, arrive := range map[string]func(c *gin.Context){
				"with a body":      func(c *gin.Context) { c.String(http.StatusCreated, "in") },
				"with a status":    func(c *gin.Context) { c.Status(http.StatusCreated) },
				"with AbortStatus": func(c *gin.Context) { c.AbortWithStatus(http.StatusCreated) },
			} {
				resp := redirected(t, sessions, func(c *gin.Context) {
					s, err := ginsession.Get(c, sessions)
					if err != nil || s.Visits() != 1 {
						t.Errorf("%v, %v", s, err)
						return
					}
					s.SetUserName("Ann")
					arrive(c)
				}, middlewares...)
				if resp.StatusCode != http.StatusCreated || len(resp.Cookies()) != 1 {
					t.Errorf("%s: %s, %v", answer, resp.Status, resp.Cookies())
					continue
				}
				s, err := sessions.Open(t.Context(), resp.Cookies()[0].Value)
				if err != nil || s.UserName() != "Ann" || s.Visits() != 1 {
					t.Errorf("%s: %v, %v", answer, s, err)
				}
			}
		})
	}
	if log.Len() != 0 {
		t.Errorf("logged: %s", log)
	}
}

// marking counts writes through a writer of its own, as gzip compresses them.
func marking(n *int) gin.HandlerFunc {
	return func(c *gin.Context) {
		outer := c.Writer
		c.Writer = &marker{outer, n}
		c.Next()
		c.Writer = outer
	}
}

type marker struct {
	gin.ResponseWriter
	n *int
}

func (m *marker) Write(b []byte) (int, error) {
	*m.n++
	return m.ResponseWriter.Write(b)
}

func TestARedirectToNowhereHasGinsAnswerAndTheCookie(t *testing.T) {
	sessions, log := course.Logged(t, memory.New())
	gin.SetMode(gin.TestMode)
	e := gin.New()
	e.Use(ginsession.Middleware(sessions))
	e.GET("/old", goingTo(t, e, sessions, "/nowhere"))
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest("GET", "/old", nil))
	if w.Code != http.StatusNotFound || w.Body.String() != "404 page not found" || len(w.Result().Cookies()) != 1 {
		t.Errorf("%d %s, %v", w.Code, w.Body, w.Result().Cookies())
	}
	if log.Len() != 0 {
		t.Errorf("logged: %s", log)
	}
}

func TestAnErrorBehindHandleContextSavesNothing(t *testing.T) {
	sessions, log := course.Logged(t, memory.New())
	resp := redirected(t, sessions, func(c *gin.Context) {
		_ = c.Error(errors.New("no such item"))
		c.String(http.StatusNotFound, "no such item")
	}, ginsession.Middleware(sessions))
	if resp.StatusCode != http.StatusNotFound || len(resp.Cookies()) != 0 || log.Len() != 0 {
		t.Errorf("%s, %v, logged: %s", resp.Status, resp.Cookies(), log)
	}
}

// A middleware twice on one way is no redirect: what stands between the two keeps its writer.
func TestAWriterBetweenTwoOfTheSameStays(t *testing.T) {
	sessions, _ := course.Logged(t, memory.New())
	ours, marks := ginsession.Middleware(sessions), 0
	gin.SetMode(gin.TestMode)
	there := func(c *gin.Context) { c.Data(http.StatusOK, "text/plain", []byte("there")) }
	chain, nested, engine := gin.New(), gin.New(), gin.New()
	chain.GET("/", ours, marking(&marks), ours, there)
	engine.GET("/", ours, there)
	nested.GET("/", ours, marking(&marks), func(c *gin.Context) { engine.ServeHTTP(c.Writer, c.Request) })
	for name, e := range map[string]*gin.Engine{"in a chain": chain, "in an engine within": nested} {
		marks = 0
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if marks != 1 || w.Body.String() != "there" {
			t.Errorf("%s: %d writes, %s", name, marks, w.Body)
		}
	}
}

func TestARedirectOutOfTheMiddlewaresGroupIsWarnedOf(t *testing.T) {
	sessions, log := course.Logged(t, memory.New())
	gin.SetMode(gin.TestMode)
	e := gin.New()
	e.GET("/old", ginsession.Middleware(sessions), goingTo(t, e, sessions, "/new"))
	e.GET("/new", func(c *gin.Context) { c.String(http.StatusOK, "there") })
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest("GET", "/old", nil))
	if w.Body.String() != "there" || len(w.Result().Cookies()) != 0 {
		t.Errorf("%s, %v", w.Body, w.Result().Cookies())
	}
	if strings.Count(log.String(), "level=WARN") != 1 || strings.Count(log.String(), "level=ERROR") != 1 ||
		strings.Contains(log.String(), "instead of Middleware") {
		t.Errorf("logged: %s", log)
	}
}
