package connectsession_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/connectsession"
	"github.com/sessiongen/sessiongen/runtime/session"
)

type text = wrapperspb.StringValue

// The protocols of a call. gRPC and gRPC-Web answer failures with a status of 200.
var protocols = map[string][]connect.ClientOption{
	"Connect": nil, "Connect by GET": {connect.WithHTTPGet()}, "gRPC": {connect.WithGRPC()}, "gRPC-Web": {connect.WithGRPCWeb()},
}

func each(t *testing.T, f func(t *testing.T, s *site)) {
	for name, options := range protocols {
		t.Run(name, func(t *testing.T) { f(t, newSite(t, options, nil)) })
		t.Run(name+" within Middleware", func(t *testing.T) { f(t, newSite(t, options, (*fixture.Sessions).Middleware)) })
	}
}

// A site is the course's, as far as RPC has it, over HTTP/2.
type site struct {
	t        *testing.T
	store    *course.Store
	sessions *fixture.Sessions
	server   *httptest.Server
	options  []connect.ClientOption
	seen     chan struct{}
}

func newSite(t *testing.T, options []connect.ClientOption, around func(*fixture.Sessions, http.Handler) http.Handler) *site {
	t.Helper()
	s := &site{t: t, store: course.NewStore(), options: options, seen: make(chan struct{}, 4)}
	var err error
	s.sessions, err = fixture.NewSessions(s.store, session.Config{
		Secrets: [][]byte{fixture.Secret("connect")}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	open := connect.WithInterceptors(connectsession.Middleware(s.sessions))
	guarded := connect.WithInterceptors(connectsession.Middleware(s.sessions), connectsession.Require(s.sessions,
		(*fixture.Session).HasUserName, func(context.Context) error {
			return connect.NewError(connect.CodeUnauthenticated, errors.New("log in"))
		}))
	inside := connect.WithHandlerOptions(open, connect.WithRecover(recovered))
	outside := connect.WithHandlerOptions(connect.WithRecover(recovered), open)
	for path, h := range map[string]func(string, *fixture.Session) (string, error){
		"/course/Show":  func(_ string, x *fixture.Session) (string, error) { return show(x), nil },
		"/course/Login": func(name string, x *fixture.Session) (string, error) { x.SetUserName(name); return "welcome", nil },
		"/course/Count": func(_ string, x *fixture.Session) (string, error) { x.AddVisits(1); return "counted", nil },
		"/course/Logout": func(_ string, x *fixture.Session) (string, error) {
			return "bye", x.Destroy()
		},
		"/course/Notice": func(notice string, x *fixture.Session) (string, error) {
			if notice != "" {
				x.SetNotice(notice)
			}
			taken := ""
			if notice == "" {
				taken, _ = x.TakeNotice()
			}
			return taken, nil
		},
		"/course/Fail": func(_ string, x *fixture.Session) (string, error) {
			x.AddVisits(1)
			return "", connect.NewError(connect.CodeFailedPrecondition, errors.New("short and stout"))
		},
		"/course/SaveAndFail": func(name string, x *fixture.Session) (string, error) {
			x.SetUserName(name)
			if err := x.Save(); err != nil {
				return "", err
			}
			x.AddVisits(1)
			return "", errShared
		},
		"/course/Panic": func(_ string, x *fixture.Session) (string, error) { x.AddVisits(1); panic("oops") },
	} {
		handle := func(ctx context.Context, req *connect.Request[text]) (*connect.Response[text], error) {
			x, err := connectsession.Get(ctx, s.sessions)
			if err != nil {
				return nil, err
			}
			answer, err := h(req.Msg.Value, x)
			if err != nil {
				return nil, err
			}
			return connect.NewResponse(wrapperspb.String(answer)), nil
		}
		readOnly := connect.WithIdempotency(connect.IdempotencyNoSideEffects) // so that GET may be used
		mux.Handle(path, connect.NewUnaryHandler(path, handle, inside, readOnly))
		mux.Handle("/outside"+path, connect.NewUnaryHandler("/outside"+path, handle, outside, readOnly))
		mux.Handle("/guarded"+path, connect.NewUnaryHandler("/guarded"+path, handle, guarded, readOnly))
	}
	mux.Handle("/course/Events", connect.NewServerStreamHandler("/course/Events", s.events, open))
	mux.Handle("/guarded/course/Events", connect.NewServerStreamHandler("/guarded/course/Events", s.events, guarded))
	mux.Handle("/course/Chat", connect.NewBidiStreamHandler("/course/Chat", s.chat, open))
	h := http.Handler(mux)
	if around != nil {
		h = around(s.sessions, mux)
	}
	s.server = httptest.NewUnstartedServer(h)
	s.server.EnableHTTP2 = true
	s.server.StartTLS()
	t.Cleanup(s.server.Close)
	return s
}

var errShared = connect.NewError(connect.CodeAborted, errors.New("of all calls"))

func recovered(context.Context, connect.Spec, http.Header, any) error {
	return connect.NewError(connect.CodeInternal, errors.New("recovered"))
}

func show(x *fixture.Session) string { return fmt.Sprintf("%s;%d", x.UserName(), x.Visits()) }

// A visitor keeps cookies.
type visitor struct {
	s      *site
	client *http.Client
}

func (s *site) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &visitor{s, &http.Client{Jar: jar, Transport: s.server.Client().Transport}}
}

func (v *visitor) cookie() string {
	u, _ := url.Parse(v.s.server.URL)
	var all []string
	for _, c := range v.client.Jar.Cookies(u) {
		all = append(all, c.Value)
	}
	return strings.Join(all, " ")
}

func (v *visitor) carry(cookie string) *visitor {
	u, _ := url.Parse(v.s.server.URL)
	v.client.Jar.SetCookies(u, []*http.Cookie{{Name: "__Host-session", Value: cookie, Path: "/", Secure: true}})
	return v
}

func (v *visitor) call(path, in string) (string, error) {
	client := connect.NewClient[text, text](v.client, v.s.server.URL+path, append(v.s.options, connect.WithIdempotency(connect.IdempotencyNoSideEffects))...)
	res, err := client.CallUnary(v.s.t.Context(), connect.NewRequest(wrapperspb.String(in)))
	if err != nil {
		return "", err
	}
	return res.Msg.Value, nil
}

func (v *visitor) gets(path, in, want string) {
	v.s.t.Helper()
	if got, err := v.call(path, in); err != nil || got != want {
		v.s.t.Errorf("%s: %q, %v, want %q", path, got, err, want)
	}
}

func (v *visitor) fails(path string, want connect.Code) {
	v.s.t.Helper()
	got, err := v.call(path, "Eve")
	if connect.CodeOf(err) != want || err == nil {
		v.s.t.Errorf("%s: %q, %v, want %v", path, got, err, want)
	} else if strings.Contains(err.Error(), "10.0.0.1") {
		v.s.t.Errorf("%s: the client is told %v", path, err)
	}
}

func (s *site) known() *visitor {
	s.t.Helper()
	v := s.visitor()
	v.gets("/course/Count", "", "counted")
	v.gets("/course/Login", "Ann", "welcome")
	v.gets("/course/Show", "", "Ann;1")
	return v
}

func TestAnAnonymousReadSetsNoCookie(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.visitor()
		v.gets("/course/Show", "", ";0")
		if v.cookie() != "" || s.store.Calls.Load() != 0 {
			t.Errorf("cookie %q, %d calls", v.cookie(), s.store.Calls.Load())
		}
	})
}

func TestALoginGivesANewIDAndALogoutEndsIt(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.visitor()
		v.gets("/course/Count", "", "counted")
		before := v.cookie()
		v.fails("/guarded/course/Show", connect.CodeUnauthenticated)
		v.gets("/course/Login", "Ann", "welcome")
		after := v.cookie()
		if before == "" || after == "" || before == after {
			t.Errorf("%q, then %q", before, after)
		}
		v.gets("/guarded/course/Show", "", "Ann;1")
		s.visitor().carry(before).gets("/course/Show", "", ";0")
		v.gets("/course/Logout", "", "bye")
		v.fails("/guarded/course/Show", connect.CodeUnauthenticated)
		s.visitor().carry(after).gets("/course/Show", "", ";0")
		if v.cookie() != "" {
			t.Error("the cookie is still there")
		}
	})
}

func TestAFlashIsShownOnceAndParallelCallsAllCount(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.known()
		v.gets("/course/Notice", "hi", "")
		v.gets("/course/Notice", "", "hi")
		v.gets("/course/Notice", "", "")
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() { v.gets("/course/Count", "", "counted") })
		}
		all.Wait()
		v.gets("/course/Show", "", "Ann;17")
	})
}

func TestAnErrorSavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v, stranger := s.known(), s.visitor()
		v.fails("/course/Fail", connect.CodeFailedPrecondition)
		v.gets("/course/Show", "", "Ann;1")
		stranger.fails("/course/Fail", connect.CodeFailedPrecondition)
		if stranger.cookie() != "" {
			t.Error("it has given a stranger a session")
		}
	})
}

func TestAPanicSavesNothingRecoveredInsideAndOutside(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.known()
		v.fails("/course/Panic", connect.CodeInternal)
		v.fails("/outside/course/Panic", connect.CodeInternal)
		v.gets("/course/Show", "", "Ann;1")
	})
}

func TestAStoreThatIsDownIsUnavailableAndTheCookieIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.known()
		cookie := v.cookie()
		s.store.Down.Store(true)
		v.fails("/course/Show", connect.CodeUnavailable)
		v.fails("/guarded/course/Show", connect.CodeUnavailable)
		if got, err := v.stream(""); connect.CodeOf(err) != connect.CodeUnavailable || len(got) > 0 {
			t.Errorf("%q, %v", got, err)
		}
		s.store.Down.Store(false)
		s.store.ReadOnly.Store(true)
		v.fails("/course/Count", connect.CodeUnavailable)
		v.fails("/course/Login", connect.CodeUnavailable)
		s.store.ReadOnly.Store(false)
		v.gets("/course/Show", "", "Ann;1")
		if v.cookie() != cookie {
			t.Errorf("the cookie is %q", v.cookie())
		}
	})
}

// What a handler has saved itself before it fails has a cookie, which the error's response carries where HTTP has it in the
// header: with gRPC it is in the trailers, which no client takes a cookie from.
func TestAnErrorCarriesTheCookieOfAnEarlierSave(t *testing.T) {
	for _, name := range []string{"Connect", "Connect by GET"} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, protocols[name], nil)
			v, other := s.known(), s.known()
			v.fails("/course/SaveAndFail", connect.CodeAborted)
			v.gets("/course/Show", "", "Eve;1")
			if _, err := other.call("/course/Fail", ""); strings.Contains(fmt.Sprint(err.(*connect.Error).Meta()), "__Host-session") {
				t.Error("an error that calls share carries one's cookie")
			}
			if len(errShared.Meta()) > 0 {
				t.Errorf("%v", errShared.Meta())
			}
		})
	}
}
