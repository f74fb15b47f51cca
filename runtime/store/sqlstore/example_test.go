package sqlstore_test

import (
	"context"
	"database/sql"
	"log"
	"net/http"
	"time"

	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// PostgreSQL through pgx. The program imports the driver for its name:
//
//	import _ "github.com/jackc/pgx/v5/stdlib"
func ExampleNew_postgres() {
	db, err := sql.Open("pgx", "postgres://shop@db1.internal,db2.internal/shop?target_session_attrs=read-write")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(50)
	db.SetMaxIdleConns(50)
	db.SetConnMaxLifetime(5 * time.Minute)

	store, err := sqlstore.New(db, sqlstore.Postgres)
	if err != nil {
		log.Fatal(err)
	}
	if err := store.CreateTable(context.Background()); err != nil {
		log.Fatal(err)
	}
	// sessions, err := web.NewSessions(store, session.Config{…})
}

// MySQL or MariaDB:
//
//	import _ "github.com/go-sql-driver/mysql"
func ExampleNew_mySQL() {
	db, err := sql.Open("mysql", "shop:the-password@tcp(db.internal:3306)/shop?interpolateParams=true")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(50)
	db.SetMaxIdleConns(50)
	db.SetConnMaxLifetime(3 * time.Minute)

	store, err := sqlstore.New(db, sqlstore.MySQL)
	if err != nil {
		log.Fatal(err)
	}
	// sessions, err := web.NewSessions(store, session.Config{…})
	_ = store
}

// SQLite without cgo:
//
//	import _ "modernc.org/sqlite"
func ExampleNew_sqlite() {
	db, err := sql.Open("sqlite", "file:/var/lib/shop/sessions.db?"+
		"_pragma=busy_timeout(400)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	if err != nil {
		log.Fatal(err)
	}
	store, err := sqlstore.New(db, sqlstore.SQLite)
	if err != nil {
		log.Fatal(err)
	}
	// sessions, err := web.NewSessions(store, session.Config{…})
	_ = store
}

// A ticker of the site's own deletes what has expired.
func ExampleStore_Purge() {
	var store *sqlstore.Store // of New
	ctx, stop := context.WithCancel(context.Background())
	defer stop() // when the site goes down

	go func() {
		ticker := time.NewTicker(5 * time.Minute)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if err := store.Purge(ctx); err != nil {
					log.Print(err)
				}
			}
		}
	}()
}

// A health check.
func ExampleStore_Ping() {
	var store *sqlstore.Store // of New
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := store.Ping(r.Context()); err != nil {
			http.Error(w, "sessions are unavailable", http.StatusServiceUnavailable)
		}
	})
}
