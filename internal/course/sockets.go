package course

import (
	"context"
	"net/http"
)

// A Socket accepts websockets in one library's way.
type Socket struct {
	// Accept accepts the connection that a request asks for, sends its first message back and closes it. If it cannot,
	// it has answered, or it returns the error.
	Accept func(w http.ResponseWriter, r *http.Request) error

	// Header says that the 101 goes through WriteHeader, before the connection is hijacked, so that it can carry a
	// cookie.
	Header bool
}

// Hijacker is the Socket of gorilla/websocket's Upgrade and its like. This module does not have the libraries, of which
// the frameworks' modules take their pick.
func Hijacker[C interface {
	ReadMessage() (int, []byte, error)
	WriteMessage(int, []byte) error
	Close() error
}](upgrade func(http.ResponseWriter, *http.Request, http.Header) (C, error)) Socket {
	return Socket{Accept: func(w http.ResponseWriter, r *http.Request) error {
		conn, err := upgrade(w, r, nil)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		return conn.WriteMessage(kind, message)
	}}
}

// Accepter is the Socket of coder/websocket's Accept.
func Accepter[C interface {
	Read(context.Context) (K, []byte, error)
	Write(context.Context, K, []byte) error
	CloseNow() error
}, K, O any](accept func(http.ResponseWriter, *http.Request, *O) (C, error)) Socket {
	return Socket{Header: true, Accept: func(w http.ResponseWriter, r *http.Request) error {
		conn, err := accept(w, r, nil)
		if err != nil {
			return err
		}
		defer func() { _ = conn.CloseNow() }()
		kind, message, err := conn.Read(r.Context())
		if err != nil {
			return err
		}
		return conn.Write(r.Context(), kind, message)
	}}
}
