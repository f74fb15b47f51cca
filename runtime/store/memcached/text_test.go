package memcached

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestNoTextOfTheOptionsTellsACanary(t *testing.T) {
	o := Options{Addrs: []string{"user:canary@host:11211"}, PoolSize: 7}
	s, err := NewWithOptions(Options{Addrs: []string{"127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	type held struct{ Exported any }
	var log bytes.Buffer
	for _, v := range []any{o, &o, []Options{o}, map[string]Options{"k": o}, held{o}, struct{ O Options }{o}, s, *s, held{s}} {
		var texts []string
		for _, verb := range "vsdqxXtUTbcoOeEfFgG" { // not p and w, for which fmt asks no method
			for _, flags := range []string{"", "+", "#", "-10.3", " "} {
				texts = append(texts, fmt.Sprintf("%"+flags+string(verb), v))
			}
		}
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "o", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "o", v)
		encoded, _ := json.Marshal(v)
		texts = append(texts, string(encoded), log.String())
		for _, text := range texts {
			for _, spelling := range []string{"canary", "63616e617279", "63616E617279"} {
				if strings.Contains(text, spelling) {
					t.Fatalf("%T: %s", v, text)
				}
			}
		}
	}
	if text := fmt.Sprint(o); !strings.Contains(text, "PoolSize: 7") {
		t.Errorf("the text says too little: %s", text)
	}
}
