package fibersession_test

import (
	"net"
	"net/http"
	"testing"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v3"

	"github.com/sessiongen/sessiongen/runtime/adapter/fibersession"
)

// fasthttp hands a connection over when the handler has returned, after the 101 has gone out.
func TestTheAnswerThatBeginsAWebsocketCarriesTheCookie(t *testing.T) {
	sessions := newSessions()
	app := fiber.New()
	app.Use(fibersession.Middleware(sessions))
	app.Get("/socket", func(c fiber.Ctx) error {
		s, err := fibersession.Get(c, sessions)
		if err != nil {
			return err
		}
		s.AddVisits(1)
		var upgrader websocket.FastHTTPUpgrader
		return upgrader.Upgrade(c.RequestCtx(), func(conn *websocket.Conn) {
			kind, message, err := conn.ReadMessage()
			if err == nil {
				err = conn.WriteMessage(kind, message)
			}
			if err != nil {
				t.Error(err)
			}
			_ = conn.Close()
		})
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }()
	t.Cleanup(func() { _ = app.Shutdown() })

	conn, resp, err := websocket.DefaultDialer.Dial("ws://"+l.Addr().String()+"/socket", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.WriteMessage(websocket.TextMessage, []byte("hi")); err != nil {
		t.Fatal(err)
	}
	if _, message, err := conn.ReadMessage(); err != nil || string(message) != "hi" {
		t.Errorf("%q, %v", message, err)
	}
	if resp.StatusCode != http.StatusSwitchingProtocols || len(resp.Cookies()) != 1 {
		t.Fatalf("%s %v", resp.Status, resp.Header)
	}
	s, err := sessions.Open(t.Context(), resp.Cookies()[0].Value)
	if err != nil || s.Visits() != 1 {
		t.Errorf("%v, %v", s, err)
	}
}
