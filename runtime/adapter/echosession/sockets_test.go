package echosession_test

import (
	"net/http"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/sessiongen/sessiongen/internal/course"
)

var sockets = map[string]course.Socket{
	"gorilla": {Accept: func(w http.ResponseWriter, r *http.Request) error {
		conn, err := new(gorilla.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		return conn.WriteMessage(kind, message)
	}},
	"coder": {Header: true, Accept: func(w http.ResponseWriter, r *http.Request) error {
		conn, err := coder.Accept(w, r, nil)
		if err != nil {
			return err
		}
		defer func() { _ = conn.CloseNow() }()
		kind, message, err := conn.Read(r.Context())
		if err != nil {
			return err
		}
		return conn.Write(r.Context(), kind, message)
	}},
}
