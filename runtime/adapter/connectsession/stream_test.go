package connectsession_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sessiongen/sessiongen/runtime/adapter/connectsession"
)

// events sends what it is asked for, and fails at the end if it is asked to.
func (s *site) events(ctx context.Context, req *connect.Request[text], stream *connect.ServerStream[text]) error {
	x, err := connectsession.Get(ctx, s.sessions)
	if err != nil {
		return err
	}
	x.AddVisits(1)
	if req.Msg.Value == "fail before" {
		return connect.NewError(connect.CodeFailedPrecondition, errors.New("short and stout"))
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
	if req.Msg.Value == "fail after" {
		return connect.NewError(connect.CodeFailedPrecondition, errors.New("short and stout"))
	}
	return nil
}

func (s *site) chat(ctx context.Context, stream *connect.BidiStream[text, text]) error {
	x, err := connectsession.Get(ctx, s.sessions)
	if err != nil {
		return err
	}
	for {
		m, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		x.AddVisits(1)
		if err := stream.Send(m); err != nil {
			return err
		}
	}
}

func (v *visitor) stream(in string) ([]string, error) {
	client := connect.NewClient[text, text](v.client, v.s.server.URL+"/course/Events", v.s.options...)
	stream, err := client.CallServerStream(v.s.t.Context(), connect.NewRequest(wrapperspb.String(in)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = stream.Close() }()
	var got []string
	for stream.Receive() {
		got = append(got, stream.Msg().Value)
		v.s.seen <- struct{}{}
	}
	return got, stream.Err()
}

func TestAStreamIsSavedBeforeItsFirstMessageAndAtItsEnd(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		stranger := s.visitor()
		if got, err := stranger.stream(""); err != nil || len(got) != 3 || stranger.cookie() == "" {
			t.Errorf("%q, %v, cookie %q", got, err, stranger.cookie())
		}
	})
	each(t, func(t *testing.T, s *site) {
		v := s.known()
		if got, err := v.stream(""); err != nil || len(got) != 3 {
			t.Errorf("%q, %v", got, err)
		}
		v.gets("/course/Show", "", "Ann;12")
	})
}

func TestAStreamThatFailsKeepsWhatWasSavedBefore(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.known()
		if _, err := v.stream("fail before"); connect.CodeOf(err) != connect.CodeFailedPrecondition {
			t.Error(err)
		}
		v.gets("/course/Show", "", "Ann;1")
		if _, err := v.stream("fail after"); connect.CodeOf(err) != connect.CodeFailedPrecondition {
			t.Error(err)
		}
		v.gets("/course/Show", "", "Ann;2")
	})
}

func TestASaveThatFailsBeforeTheFirstMessageIsUnavailable(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.known()
		s.store.ReadOnly.Store(true)
		if got, err := v.stream(""); connect.CodeOf(err) != connect.CodeUnavailable || len(got) > 0 {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestAStreamOfBothSidesIsSaved(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.visitor()
		stream := connect.NewClient[text, text](v.client, s.server.URL+"/course/Chat", s.options...).CallBidiStream(t.Context())
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
		v.gets("/course/Show", "", ";1")
	})
}
