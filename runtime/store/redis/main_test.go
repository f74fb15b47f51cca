//go:build unix

package redis_test

import (
	"net"
	"os"
	"testing"

	"github.com/redis/go-redis/v9/logging"
)

func TestMain(m *testing.M) {
	logging.Disable() // go-redis remarks on each fault
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = l.Close() // the files of Go's poller are there from the first use of the network on, and no leak
	}
	os.Exit(m.Run())
}
