package connectsession_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/connectsession"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A site has the procedures that the course lacks, whose routes are a browser's: streams that fail, errors that calls
// share. Its visitor keeps cookies.
type site struct {
	t       *testing.T
	store   *course.Store
	url     string
	client  *http.Client
	options []connect.ClientOption
	seen    chan struct{} // a message has come to the client
}

func each(t *testing.T, f func(t *testing.T, s *site)) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) { f(t, newSite(t, p, false)) })
		t.Run(p.name+" within Middleware", func(t *testing.T) { f(t, newSite(t, p, true)) })
	}
}

func newSite(t *testing.T, p protocol, within bool, outside ...connect.Interceptor) *site {
	t.Helper()
	s := &site{t: t, store: course.NewStore(), options: p.options, seen: make(chan struct{}, 4)}
	sessions, err := fixture.NewSessions(s.store, session.Config{
		Secrets: [][]byte{fixture.Secret("connect")}, Logger: slog.New(slog.DiscardHandler),
		SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	h := s.handler(sessions, append(outside, connectsession.Middleware(sessions)))
	if within {
		h = sessions.Middleware(h)
	}
	server := httptest.NewUnstartedServer(h)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.url, s.client = server.URL, &http.Client{Jar: jar, Transport: server.Client().Transport}
	return s
}

var errShared = connect.NewError(connect.CodeAborted, errors.New("of all calls"))

func (s *site) handler(sessions *fixture.Sessions, interceptors []connect.Interceptor) http.Handler {
	mux := http.NewServeMux()
	with := connect.WithInterceptors(interceptors...)
	guard := connect.WithInterceptors(connectsession.Require(sessions, (*fixture.Session).HasUserName,
		func(context.Context) error {
			return connect.NewError(connect.CodeUnauthenticated, errors.New("log in"))
		}))
	for path, h := range map[string]func(*fixture.Session) error{
		"/Count": func(x *fixture.Session) error { x.AddVisits(1); return nil },
		"/Show":  func(*fixture.Session) error { return nil },
		"/Fail":  func(*fixture.Session) error { return errShared },
		"/SaveAndFail": func(x *fixture.Session) error {
			x.SetUserName("Eve")
			if err := x.Save(); err != nil {
				return err
			}
			return fmt.Errorf("after the save: %w", errShared)
		},
	} {
		mux.Handle(path, connect.NewUnaryHandler(path, func(
			ctx context.Context, _ *connect.Request[text],
		) (*connect.Response[text], error) {
			x, err := connectsession.Get(ctx, sessions)
			if err == nil {
				err = h(x)
			}
			if err != nil {
				return nil, err
			}
			return connect.NewResponse(wrapperspb.String(fmt.Sprintf("%s;%d", x.UserName(), x.Visits()))), nil
		}, with))
	}
	events := func(ctx context.Context, req *connect.Request[text], stream *connect.ServerStream[text]) error {
		x, err := connectsession.Get(ctx, sessions)
		if err != nil {
			return err
		}
		return s.events(x, req.Msg.Value, stream)
	}
	mux.Handle("/Events", connect.NewServerStreamHandler("/Events", events, with))
	mux.Handle("/guarded/Events", connect.NewServerStreamHandler("/guarded/Events", events, with, guard))
	mux.Handle("/Chat", connect.NewBidiStreamHandler("/Chat", func(
		ctx context.Context, stream *connect.BidiStream[text, text],
	) error {
		x, err := connectsession.Get(ctx, sessions)
		for err == nil {
			var m *text
			if m, err = stream.Receive(); err == nil {
				x.AddVisits(1)
				err = stream.Send(m)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}, with))
	return mux
}

// events sends three messages, and fails before or after them if it is asked to.
func (s *site) events(x *fixture.Session, fail string, stream *connect.ServerStream[text]) error {
	x.AddVisits(1)
	if fail == "before" {
		return errShared
	}
	for i := range 3 {
		if i > 0 {
			<-s.seen
		}
		if err := stream.Send(wrapperspb.String(fmt.Sprint(i))); err != nil {
			return err
		}
	}
	x.AddVisits(10)
	if fail == "after" {
		return errShared
	}
	return nil
}

func (s *site) call(path string) (string, error) {
	client := connect.NewClient[text, text](s.client, s.url+path, s.options...)
	res, err := client.CallUnary(s.t.Context(), connect.NewRequest(new(text)))
	if err != nil {
		return "", err
	}
	return res.Msg.Value, nil
}

func (s *site) gets(path, want string) {
	s.t.Helper()
	if got, err := s.call(path); err != nil || got != want {
		s.t.Errorf("%s: %q, %v, want %q", path, got, err, want)
	}
}

func (s *site) stream(path, in string) ([]string, error) {
	client := connect.NewClient[text, text](s.client, s.url+path, s.options...)
	stream, err := client.CallServerStream(s.t.Context(), connect.NewRequest(wrapperspb.String(in)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = stream.Close() }()
	var got []string
	for stream.Receive() {
		got = append(got, stream.Msg().Value)
		s.seen <- struct{}{}
	}
	return got, stream.Err()
}

// fails checks that a stream ends with a code before it has begun, and does not tell why.
func (s *site) fails(path string, want connect.Code) {
	s.t.Helper()
	got, err := s.stream(path, "")
	if connect.CodeOf(err) != want || len(got) > 0 || strings.Contains(fmt.Sprint(err), "10.0.0.1") {
		s.t.Errorf("%q, %v, want %v", got, err, want)
	}
}

func TestAStreamThatFailsKeepsWhatWasSavedBefore(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.gets("/Count", ";1")
		if _, err := s.stream("/Events", "before"); connect.CodeOf(err) != connect.CodeAborted {
			t.Error(err)
		}
		s.gets("/Show", ";1")
		if got, err := s.stream("/Events", "after"); connect.CodeOf(err) != connect.CodeAborted || len(got) != 3 {
			t.Errorf("%q, %v", got, err)
		}
		s.gets("/Show", ";2")
	})
}

func TestAStreamInAnOutageIsUnavailable(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.fails("/guarded/Events", connect.CodeUnauthenticated)
		s.gets("/Count", ";1")
		s.store.Down.Store(true)
		s.fails("/Events", connect.CodeUnavailable)
		s.fails("/guarded/Events", connect.CodeUnavailable)
		s.store.Down.Store(false)
		s.store.ReadOnly.Store(true)
		s.fails("/Events", connect.CodeUnavailable)
		s.store.ReadOnly.Store(false)
		s.gets("/Show", ";1")
	})
}

func TestAStreamOfBothSidesIsSaved(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		stream := connect.NewClient[text, text](s.client, s.url+"/Chat", s.options...).CallBidiStream(t.Context())
		if err := stream.Send(wrapperspb.String("hi")); err != nil {
			t.Fatal(err)
		}
		if m, err := stream.Receive(); err != nil || m.Value != "hi" {
			t.Errorf("%v, %v", m, err)
		}
		_ = stream.CloseRequest()
		if _, err := stream.Receive(); !errors.Is(err, io.EOF) {
			t.Error(err)
		}
		_ = stream.CloseResponse()
		s.gets("/Show", ";1")
	})
}

func TestAnErrorThatCallsShareCarriesNoCookie(t *testing.T) {
	var seen error // by an interceptor outside
	outer := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			res, err := next(ctx, req)
			seen = err
			return res, err
		}
	})
	s := newSite(t, protocols[0], false, outer)
	if _, err := s.call("/SaveAndFail"); connect.CodeOf(err) != connect.CodeAborted {
		t.Error(err)
	}
	if !errors.Is(seen, errShared) || seen.Error() != "after the save: aborted: of all calls" {
		t.Errorf("an interceptor outside sees %v", seen)
	}
	s.gets("/Show", "Eve;0")
	_, err := s.call("/Fail")
	if failed := new(connect.Error); !errors.As(err, &failed) || failed.Meta().Get("Set-Cookie") != "" ||
		len(errShared.Meta()) > 0 {
		t.Errorf("%v carries %v, and all calls' %v", err, failed.Meta(), errShared.Meta())
	}
}

// One list of interceptors may serve handlers and clients.
func TestClientsAreLeftAlone(t *testing.T) {
	s := newSite(t, protocols[0], false)
	other, err := fixture.NewSessions(course.NewStore(), session.Config{Secrets: [][]byte{fixture.Secret("other")}})
	if err != nil {
		t.Fatal(err)
	}
	s.options = []connect.ClientOption{connect.WithInterceptors(connectsession.Middleware(other),
		connectsession.Require(other, (*fixture.Session).HasUserName, func(context.Context) error {
			return errors.New("a client is no visitor")
		}))}
	s.gets("/Count", ";1")
	if got, err := s.stream("/Events", ""); err != nil || len(got) != 3 {
		t.Errorf("%q, %v", got, err)
	}
}

// The client gets a code without the reason.
func TestAChangeAfterTheFirstMessageIsLogged(t *testing.T) {
	sessions, log := course.Logged(t, course.NewStore())
	server := httptest.NewServer(connect.NewServerStreamHandler("/Late", func(
		ctx context.Context, _ *connect.Request[text], stream *connect.ServerStream[text],
	) error {
		x, err := connectsession.Get(ctx, sessions)
		if err == nil {
			err = stream.Send(wrapperspb.String("there"))
		}
		if err == nil {
			x.SetUserName("Ann")
		}
		return err
	}, connect.WithInterceptors(connectsession.Middleware(sessions))))
	stream, err := connect.NewClient[text, text](server.Client(), server.URL+"/Late").
		CallServerStream(t.Context(), connect.NewRequest(wrapperspb.String("")))
	if err != nil {
		t.Fatal(err)
	}
	for stream.Receive() {
		if got := stream.Msg().Value; got != "there" {
			t.Error(got)
		}
	}
	if connect.CodeOf(stream.Err()) != connect.CodeInternal {
		t.Error(stream.Err())
	}
	server.Close() // the handler has returned
	if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), session.ErrLateSave.Error()) {
		t.Errorf("logged: %s", log)
	}
}
