package memcached_test

import (
	"net"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = l.Close() // the files of Go's poller are there from the first use of the network on, and no leak
	}
	os.Exit(m.Run())
}
