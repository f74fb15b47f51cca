package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheInspectorShowsTheVisitorsSessionWithoutItsSecrets(t *testing.T) {
	v := serve(t).visitor(t)
	v.fill("jug")
	_, form := v.atProvider("/checkout/address")
	resp, body := v.get(inspectorPath)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d", resp.StatusCode)
	}
	v.wants(body, "oauth_state", "jug", "Created")
	for i := 0; i < len(form); i += 2 {
		if form[i] == "state" && strings.Contains(body, form[i+1]) {
			t.Error("the state of a login is on the page")
		}
	}
}

func TestTheLogSaysWhoCameAndWentAndNoSecret(t *testing.T) {
	s := serve(t)
	v := s.visitor(t)
	v.login("ann")
	cookie := v.cookie()
	v.post("/logout")
	said := s.logged.String()
	v.wants("<main>"+said, "session logged in", "session destroyed")
	if strings.Contains(said, cookie) || strings.Contains(said, password) {
		t.Errorf("the log has what it shall not:\n%s", said)
	}
}
