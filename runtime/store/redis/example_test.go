package redis_test

import (
	"log"
	"os"

	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// One Redis, over TLS, with a user's password and database 2.
func Example() {
	store, err := redis.New(os.Getenv("REDIS_URL")) // rediss://shop:password@10.0.0.1:6379/2
	if err != nil {
		log.Fatal(err)
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

// The master that three Sentinels watch.
func ExampleNewWithOptions() {
	store, err := redis.NewWithOptions(redis.Options{
		MasterName: "sessions",
		Addrs:      []string{"10.0.0.1:26379", "10.0.0.2:26379", "10.0.0.3:26379"},
		Password:   os.Getenv("REDIS_PASSWORD"),
	})
	if err != nil {
		log.Fatal(err)
	}
	_ = store
}
