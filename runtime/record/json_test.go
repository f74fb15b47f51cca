package record

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"
)

type node struct {
	Any      any
	Next     *node
	Children []node
	ByName   map[string]node
	Number   json.Number
	At       time.Time
	Exact    int64
}

func jsonTrip[T any](t *testing.T, v T) T {
	t.Helper()
	w := NewWriter(nil)
	WriteJSON(w, v)
	b, err := w.Encoded()
	if err != nil {
		t.Fatal(err)
	}
	var got T
	r := NewReader(b)
	if ReadJSON(r, &got); r.Err() != nil {
		t.Fatal(r.Err())
	}
	return got
}

func TestANumberInAnAnyComesBackAsItWentIn(t *testing.T) {
	for _, v := range []any{
		int64(0), int64(math.MaxInt64), int64(math.MinInt64), int64(1<<53 + 1), uint64(math.MaxUint64), uint64(1 << 63),
		1.5, -0.25, 1e300, math.SmallestNonzeroFloat64, math.Copysign(0, -1), nil, "9007199254740993", true,
	} {
		if got := jsonTrip(t, v); !reflect.DeepEqual(got, v) {
			t.Errorf("%T %v came back as %T %v", v, v, got, got)
		}
		deep := map[string]any{"list": []any{v, map[string]any{"deep": v}}, "v": v}
		if got := jsonTrip(t, deep); !reflect.DeepEqual(got, deep) {
			t.Errorf("%#v came back as %#v", deep, got)
		}
		in := node{Any: v, Number: "12", Exact: 7, At: time.Unix(1, 0).UTC(), Next: &node{Any: []any{v}, Number: "0"},
			Children: []node{{Any: v, Number: "1"}}, ByName: map[string]node{"a": {Any: v, Number: "1e5"}}}
		if got := jsonTrip(t, in); !reflect.DeepEqual(got, in) {
			t.Errorf("%#v came back as %#v", in, got)
		}
	}
	if got := jsonTrip[any](t, 3.0); got != int64(3) {
		t.Errorf("a float64 without a fraction came back as %T", got)
	}
}

func TestWhatFollowsAJSONValueDoesNotFit(t *testing.T) {
	for _, text := range []string{"1 2", "1 x", "{}]", ""} {
		w := NewWriter(nil)
		w.Bytes([]byte(text))
		b, _ := w.Encoded()
		var v any
		r := NewReader(b)
		if ReadJSON(r, &v); r.Err() == nil {
			t.Errorf("%q was read as %v", text, v)
		}
	}
}

func TestANumberThatNoFloat64HoldsDoesNotFit(t *testing.T) {
	for _, v := range []any{
		json.RawMessage("1e400"), json.RawMessage("-1e400"), map[string]any{"deep": []any{json.Number("1e400")}},
		map[string]map[string]any{"a": {"b": json.RawMessage("1e309")}}, []*node{{Number: "0", Any: json.Number("1e400")}},
		node{Number: "0", Next: &node{Number: "0", ByName: map[string]node{"a": {Number: "0", Any: json.Number("1e400")}}}},
		[1]struct{ V any }{{json.RawMessage("1e400")}},
	} {
		w := NewWriter(nil)
		WriteJSON(w, v)
		b, err := w.Encoded()
		if err != nil {
			t.Fatal(err)
		}
		r := NewReader(b)
		got := reflect.New(reflect.TypeOf(v))
		if got.Type() == reflect.TypeFor[*json.RawMessage]() {
			got = reflect.ValueOf(new(any))
		}
		if ReadJSON(r, got.Interface()); r.Err() == nil {
			t.Errorf("%#v was read as %#v", v, got.Elem())
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if json.Unmarshal(text, got.Interface()) == nil {
			t.Errorf("encoding/json takes %s", text)
		}
	}
	if got := jsonTrip[any](t, json.RawMessage("1e-400")); got != 0.0 {
		t.Errorf("1e-400 was read as %v", got)
	}
	if got := jsonTrip(t, map[string]json.Number{"a": "1e400"}); got["a"] != "1e400" {
		t.Errorf("a json.Number came back as %v", got)
	}
}
