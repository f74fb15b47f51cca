// Package methods declares methods on the session type itself.
package methods

//sessiongen:schema
type SessionSchema struct {
	UserID int64 `session:"user_id,renew"`
	Cart   []string
}

// LoggedIn reports whether somebody is.
func (s *Session) LoggedIn() bool { return s.HasUserID() }

// Total is a method that generated code knows nothing of.
func (s *Session) Total() int { return len(s.Cart()) }
