package migrate_test

import (
	"log"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// A site moves from memcached to Redis. What step says is deployed to all processes before it is raised.
func ExampleNew() {
	const step = 1
	older, err := memcached.New("10.0.0.1:11211", "10.0.0.2:11211")
	if err != nil {
		log.Fatal(err)
	}
	newer, err := redis.New("redis://10.0.0.3")
	if err != nil {
		log.Fatal(err)
	}
	const idle = 30 * time.Minute // session.Config.IdleTimeout
	var store session.Store
	switch step {
	case 0:
		store = older
	case 1:
		store = migrate.New(older, newer, idle)
	case 2:
		store = migrate.New(newer, older, idle)
	case 3: // after the longest idle time
		store = newer
	}
	_ = store // web.NewSessions(store, session.Config{…})
}
