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
