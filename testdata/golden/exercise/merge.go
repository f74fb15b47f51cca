package exercise

import (
	"reflect"
	"testing"
)

// appends checks AppendF: on an absent list, on one that is there, and beside another request.
func appends[S any](t *testing.T, site *Site[S], f string) {
	s := reflect.ValueOf(site.Load(t))
	list := s.MethodByName("Append" + f).Type().In(0)
	one, two, three := random(list), random(list), random(list)
	all := reflect.AppendSlice(reflect.AppendSlice(reflect.AppendSlice(reflect.MakeSlice(s.MethodByName("Set"+f).Type().In(0), 0, 0), one), two), three)

	reset(t, site, f)
	s = reflect.ValueOf(site.Load(t))
	s.MethodByName("Append" + f).CallSlice([]reflect.Value{one})
	wantValue(t, s, f, all.Slice(0, one.Len()))
	site.Save(t)
	if isRenew(s, f) {
		return // two racing renewals are two sessions
	}
	s = beside(t, site,
		func(s reflect.Value) { s.MethodByName("Append" + f).CallSlice([]reflect.Value{two}) },
		func(s reflect.Value) { s.MethodByName("Append" + f).CallSlice([]reflect.Value{three}) })
	wantValue(t, s, f, all)
	if got := get(s, f); !equal(got, all) {
		t.Errorf("%s is %#v, want %#v", f, got, all)
	}
}

// puts checks LookupF, PutF and DeleteF.
func puts[S any](t *testing.T, site *Site[S], f string) {
	s := reflect.ValueOf(site.Load(t))
	put := s.MethodByName("Put" + f).Type()
	key, other := random(put.In(0)), random(put.In(0))
	for key.Equal(other) {
		other = random(put.In(0))
	}
	value, second := random(put.In(1)), random(put.In(1))
	want := func(s reflect.Value, k, v reflect.Value) {
		t.Helper()
		got := call(s, "Lookup"+f, k)
		if !got[1].Bool() || !equal(got[0], v) {
			t.Errorf("Lookup%s(%v) = %#v, %v, want %#v", f, k, got[0], got[1], v)
		}
	}
	wantNone := func(s reflect.Value, k reflect.Value) {
		t.Helper()
		if got := call(s, "Lookup"+f, k); got[1].Bool() || !got[0].IsZero() {
			t.Errorf("Lookup%s(%v) = %#v, %v, want nothing", f, k, got[0], got[1])
		}
	}

	reset(t, site, f)
	s = reflect.ValueOf(site.Load(t))
	wantNone(s, key)
	call(s, "Put"+f, key, second)
	call(s, "Put"+f, key, value)
	want(s, key, value)
	site.Save(t)
	s = beside(t, site,
		func(s reflect.Value) { call(s, "Put"+f, other, second) },
		func(s reflect.Value) { call(s, "Delete"+f, key) })
	want(s, other, second)
	wantNone(s, key)
	if n := get(s, f).Len(); n != 1 {
		t.Errorf("%d entries are left of %s, want 1", n, f)
	}
}

// adds checks AddF.
func adds[S any](t *testing.T, site *Site[S], f string) {
	number := reflect.ValueOf(site.Load(t)).MethodByName("Add" + f).Type().In(0)
	n := func(i int) reflect.Value { return reflect.ValueOf(i).Convert(number) }

	reset(t, site, f)
	s := reflect.ValueOf(site.Load(t))
	call(s, "Add"+f, n(3))
	wantValue(t, s, f, n(3))
	site.Save(t)
	s = beside(t, site,
		func(s reflect.Value) { call(s, "Add"+f, n(2)); call(s, "Add"+f, n(2)) },
		func(s reflect.Value) { call(s, "Add"+f, n(10)) })
	wantValue(t, s, f, n(17))
	if number.Kind() == reflect.Int || number.Kind() == reflect.Int64 {
		call(s, "Add"+f, n(-20))
		wantValue(t, s, f, n(-3))
	}
}

// takes checks TakeF: one request gets it, and no Save is needed.
func takes[S any](t *testing.T, site *Site[S], f string) {
	value := random(reflect.ValueOf(site.Load(t)).MethodByName("Set" + f).Type().In(0))
	want := func(s reflect.Value) {
		t.Helper()
		if got := call(s, "Take"+f); !got[1].Bool() || !equal(got[0], value) {
			t.Errorf("Take%s() = %#v, %v, want %#v", f, got[0], got[1], value)
		}
	}
	wantNone := func(s reflect.Value) {
		t.Helper()
		if got := call(s, "Take"+f); got[1].Bool() || !got[0].IsZero() {
			t.Errorf("Take%s() = %#v, %v, want nothing", f, got[0], got[1])
		}
	}

	reset(t, site, f, value)
	a, b := reflect.ValueOf(site.Load(t)), reflect.ValueOf(site.Load(t))
	want(b)
	wantNone(b)
	wantNone(a)
	wantNone(reflect.ValueOf(site.Load(t)))

	s := reflect.ValueOf(site.Load(t))
	call(s, "Set"+f, value)
	want(s)
	wantNone(s)
}

// isRenew reports whether changing the field has given the session another id.
func isRenew(s reflect.Value, f string) bool {
	tag, _ := call(s, "Snapshot")[0].Type().FieldByName(f)
	return hasOption(tag.Tag.Get("session"), "renew")
}
