package inspect

import (
	"net/url"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// A filter picks events. An empty field lets all through.
type filter struct{ Session, Kind, Outcome string }

func filterOf(query url.Values) filter {
	return filter{Session: query.Get("session"), Kind: query.Get("kind"), Outcome: query.Get("outcome")}
}

func (f filter) matches(e *entry) bool {
	if f.Session != "" && f.Session != e.Session || f.Kind != "" && f.Kind != e.Kind.String() {
		return false
	}
	switch f.Outcome {
	case "":
		return true
	case outcomeFailed:
		return e.Err != nil
	default:
		return f.Outcome == outcome(e.Err)
	}
}

// Query is f as a URL has it, after a page's name if that is not empty.
func (f filter) Query(page string) string {
	v := make(url.Values)
	for name, value := range map[string]string{
		"page": page, "session": f.Session, "kind": f.Kind, "outcome": f.Outcome,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return "?" + v.Encode()
}

// kinds are the names that a filter's Kind may have.
func kinds() (names []string) {
	for k := session.Loaded; k <= session.Failed; k++ {
		names = append(names, k.String())
	}
	return names
}

// outcomes are the names that a filter's Outcome may have.
func outcomes() []string {
	names := []string{outcomeOK, outcomeFailed}
	for _, c := range causes() {
		names = append(names, c.name)
	}
	return append(names, "field", "other")
}
