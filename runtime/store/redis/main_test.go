//go:build unix

package redis_test

import (
	"os"
	"testing"

	"github.com/redis/go-redis/v9/logging"
)

func TestMain(m *testing.M) {
	logging.Disable() // go-redis remarks on each fault
	os.Exit(m.Run())
}
