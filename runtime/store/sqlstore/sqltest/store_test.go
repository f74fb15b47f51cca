//go:build unix

package sqltest

import (
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

// onEach runs tests that share a server on each of the databases.
func onEach(t *testing.T, test func(t *testing.T, d *database)) {
	t.Run("postgres", func(t *testing.T) { test(t, newPostgres(t, "-c", "timezone=America/New_York")) })
	t.Run("mariadb", func(t *testing.T) { test(t, newMariaDB(t, "--default-time-zone=-05:00")) })
	t.Run("sqlite", func(t *testing.T) { test(t, newSQLite(t)) })
}

func TestTheStoreConforms(t *testing.T) {
	onEach(t, func(t *testing.T, d *database) {
		d.store(t)
		storetest.Run(t, func(t *testing.T) session.Store { return d.store(t) })
	})
}
