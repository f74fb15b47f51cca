package kebab

import "testing"

func TestNamesBecomeKebabCase(t *testing.T) {
	for name, want := range map[string]string{
		"Session":       "session",
		"AdminSession":  "admin-session",
		"HTTPSession":   "http-session",
		"HttpSession":   "http-session",
		"OAuth2Session": "o-auth2-session",
		"Admin_Session": "admin-session",
		"SessionX":      "session-x",
		"GästeSession":  "gste-session",
		"Ä":             "",
		"Session_":      "session",
	} {
		if got := Of(name); got != want {
			t.Errorf("Of(%q) = %q, want %q", name, got, want)
		}
	}
}
