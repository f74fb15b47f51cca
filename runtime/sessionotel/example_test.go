package sessionotel_test

import (
	"fmt"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/sessionotel"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func ExampleNew() {
	observer, err := sessionotel.New(sessionotel.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	sessions, err := fixture.NewSessions(memory.New(), session.Config{
		Secrets:  [][]byte{fixture.Secret("s")},
		Observer: session.Observers(observer, session.Audit(nil)),
	})
	fmt.Println(sessions, err)
	// Output: session.Manager{Session: Session, Cookie: __Host-session} <nil>
}
