package memcached_test

import (
	"context"
	"log"
	"os"
	"time"

	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

// Three nodes, each with a third of the sessions. All servers name them alike.
func Example() {
	store, err := memcached.New("10.0.0.1:11211", "10.0.0.2:11211", "10.0.0.3:11211")
	if err != nil {
		log.Fatal(err) // an address that cannot be; whether anybody listens there, Ping says
	}
	secret, err := session.Secret(os.Getenv("SESSION_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	sessions, err := web.NewSessions(store, session.Config{Secrets: [][]byte{secret}})
	if err != nil {
		log.Fatal(err)
	}
	_ = sessions
}

// For a health check: all nodes answer.
func ExampleStore_Ping() {
	store, err := memcached.New("127.0.0.1:11211")
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := store.Ping(ctx); err != nil {
		log.Print("sessions are unavailable: ", err)
	}
}
