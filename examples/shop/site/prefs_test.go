package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestPrefsAreKeptBesideEachOther(t *testing.T) {
	v := serve(t).visitor(t)
	v.post("/prefs", "theme", "dark")
	resp, body := v.post("/prefs", "language", "de", "back", "/cart")
	v.ends(resp, "/cart")
	v.wants(body, `<html lang="de" data-theme="dark">`, "Ihr Korb")
	_, body = v.post("/prefs", "language", "xx", "theme", "<b>", "size", "9")
	v.wants(body, `<html lang="de" data-theme="dark">`)
}

func TestAPrefThatIsNoneMakesNoSession(t *testing.T) {
	v := serve(t).visitor(t)
	v.post("/prefs", "language", "xx")
	if v.cookie() != "" {
		t.Error("there is a session with nothing in it")
	}
}

func TestTheBrowsersLanguageHoldsUntilOneIsChosen(t *testing.T) {
	for accept, want := range map[string]string{
		"": "en", "fr": "en", "de": "de", "de-AT,en;q=0.8": "de", "fr, DE;q=0.9": "de", "en-GB,de": "en", ";;,": "en",
	} {
		req, _ := http.NewRequest("GET", "/", nil)
		req.Header.Set("Accept-Language", accept)
		if got := accepted(req); got != want {
			t.Errorf("%q is answered in %s, want %s", accept, got, want)
		}
	}
}

func TestEachTextIsThereInEachLanguage(t *testing.T) {
	for key, text := range texts {
		for _, lang := range languages {
			if text.in(lang) == "" {
				t.Errorf("%s: no text in %s", key, lang)
			}
		}
		if strings.Count(text.EN, "%") != strings.Count(text.DE, "%") {
			t.Errorf("%s: the languages take different arguments", key)
		}
	}
}
