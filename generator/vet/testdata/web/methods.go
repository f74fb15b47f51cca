package web

// SetLanguage is not generated: it changes the session because it calls what is.
func (s *Session) SetLanguage(lang string) { s.PutPrefs("lang", lang) }

// SetUp is not generated and only looks.
func (s *Session) SetUp() bool { return s.HasTheme() && s.HasShip() }

// AppendTheme is not generated: Theme is no slice.
func (s *Session) AppendTheme(string) {}

// Finish saves.
func (s *Session) Finish() error { // want Finish:`returns the error of Save`
	s.SetLastSeen(s.Meta().Created)
	return s.Save()
}

// Clone is another name for the session.
type Visitor = Session
