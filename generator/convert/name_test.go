package convert

import "testing"

func TestSnakeCaseSplitsAtWordsAndKeepsInitialisms(t *testing.T) {
	for name, want := range map[string]string{
		"UserID":      "user_id",
		"LastSeen":    "last_seen",
		"HTTPServer":  "http_server",
		"OTP":         "otp",
		"Oauth2Token": "oauth2_token",
		"OAuth2Token": "o_auth2_token",
		"X":           "x",
		"XY":          "xy",
		"AnID":        "an_id",
		"ServeHTTP2":  "serve_http2",
		"UserIDs":     "user_ids",
		"URLsSeen":    "urls_seen",
		"IsAdmin":     "is_admin",
		"User_ID":     "user_id",
		"Already_set": "already_set",
		"ÄndertÖl":    "ändert_öl",
		"名前":          "名前",
	} {
		if got := snakeCase(name); got != want {
			t.Errorf("snakeCase(%q) = %q, want %q", name, got, want)
		}
	}
}
