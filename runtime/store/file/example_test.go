package file_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/sessiongen/sessiongen/runtime/store/file"
)

// A site keeps its sessions beside its other data, and closes the store when it has served its last request.
func ExampleOpen() {
	store, err := file.Open("/var/lib/shop/sessions.db")
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	// sessions, err := web.NewSessions(store, session.Config{…})
	_ = http.ListenAndServe("127.0.0.1:8080", nil)
}

// A health check.
func ExampleStore_Ping() {
	store, err := file.OpenWithOptions("/var/lib/shop/sessions.db", file.Options{MaxSessions: 100_000})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := store.Ping(r.Context()); err != nil {
			http.Error(w, "sessions are unavailable", http.StatusServiceUnavailable)
		}
	})
}

// The old process has not ended yet.
func ExampleInUseError() {
	_, err := file.Open("/var/lib/shop/sessions.db")
	var inUse *file.InUseError
	if errors.As(err, &inUse) {
		fmt.Println("waiting for the end of process", inUse.PID)
	}
}
