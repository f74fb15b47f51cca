package exercise_test

import (
	"math"
	"testing"

	"github.com/sessiongen/sessiongen/testdata/golden/arrays"
	"github.com/sessiongen/sessiongen/testdata/golden/binary"
	"github.com/sessiongen/sessiongen/testdata/golden/bytes"
	"github.com/sessiongen/sessiongen/testdata/golden/embeddedptr"
	"github.com/sessiongen/sessiongen/testdata/golden/exercise"
	"github.com/sessiongen/sessiongen/testdata/golden/jsonoption"
	"github.com/sessiongen/sessiongen/testdata/golden/maps"
	"github.com/sessiongen/sessiongen/testdata/golden/pointers"
	"github.com/sessiongen/sessiongen/testdata/golden/scalars"
	"github.com/sessiongen/sessiongen/testdata/golden/slices"
)

// saved sets what a function sets, saves, and returns the session of the next request.
func saved[S any](t *testing.T, open exercise.Constructor[S], set func(*S)) *S {
	t.Helper()
	site := exercise.NewSite(t, open)
	set(site.Load(t))
	site.Save(t)
	return site.Load(t)
}

func TestNilAndEmptyAreDifferentValuesAndNeitherIsAbsent(t *testing.T) {
	s := saved(t, slices.NewSessions, func(s *slices.Session) {
		s.SetNames(nil)
		s.SetTags(slices.Tags{})
		s.SetGrid([][]int{nil, {}, {1}})
	})
	if !s.HasNames() || s.Names() != nil {
		t.Errorf("a nil slice came back as %#v, present: %v", s.Names(), s.HasNames())
	}
	if !s.HasTags() || s.Tags() == nil || len(s.Tags()) != 0 {
		t.Errorf("an empty slice came back as %#v, present: %v", s.Tags(), s.HasTags())
	}
	if g := s.Grid(); len(g) != 3 || g[0] != nil || g[1] == nil {
		t.Errorf("nil and empty elements came back as %#v", g)
	}

	m := saved(t, maps.NewSessions, func(s *maps.Session) {
		s.SetPrefs(nil)
		s.SetTexts(maps.Texts{})
	})
	if !m.HasPrefs() || m.Prefs() != nil || !m.HasTexts() || m.Texts() == nil {
		t.Errorf("a nil and an empty map came back as %#v and %#v", m.Prefs(), m.Texts())
	}

	b := saved(t, bytes.NewSessions, func(s *bytes.Session) {
		s.SetRaw(nil)
		s.SetBlob(bytes.Blob{})
	})
	if !b.HasRaw() || b.Raw() != nil || !b.HasBlob() || b.Blob() == nil {
		t.Errorf("nil and empty bytes came back as %#v and %#v", b.Raw(), b.Blob())
	}
}

func TestAPointerToZeroIsNotNil(t *testing.T) {
	s := saved(t, pointers.NewSessions, func(s *pointers.Session) {
		s.SetName(new(string))
		s.SetAge(nil)
		s.SetPoint(&pointers.Point{})
		s.SetPoints([]*pointers.Point{nil, {}})
		s.SetList(new([]string)) // a pointer to nil is written as nil
	})
	if s.Name() == nil || *s.Name() != "" {
		t.Errorf("a pointer to an empty string came back as %v", s.Name())
	}
	if !s.HasAge() || s.Age() != nil {
		t.Errorf("a nil pointer came back as %v, present: %v", s.Age(), s.HasAge())
	}
	if s.Point() == nil {
		t.Error("a pointer to an empty struct came back as nil")
	}
	if p := s.Points(); len(p) != 2 || p[0] != nil || p[1] == nil {
		t.Errorf("pointers in a slice came back as %v", p)
	}
	if s.List() != nil {
		t.Errorf("a pointer to a nil slice came back as %v", s.List())
	}
}

func TestAStructThatIsEmbeddedByPointerStaysNil(t *testing.T) {
	s := saved(t, embeddedptr.NewSessions, func(s *embeddedptr.Session) {
		s.SetAccount(embeddedptr.Account{ID: 1})
		s.SetLast(&embeddedptr.Account{Person: &embeddedptr.Person{Name: "x"}})
	})
	if a := s.Account(); a.Person != nil || a.ID != 1 {
		t.Errorf("Account() = %+v", a)
	}
	if a := s.Last(); a.Person == nil || a.Name != "x" || a.Home != nil {
		t.Errorf("Last() = %+v", a)
	}
	if snap := s.Snapshot(); snap.Person == nil || snap.Home == nil {
		t.Error("a snapshot has embedded pointers that a template cannot look into")
	}
}

func TestExtremesComeBack(t *testing.T) {
	s := saved(t, scalars.NewSessions, func(s *scalars.Session) {
		s.SetI64(math.MinInt64)
		s.SetI8(math.MinInt8)
		s.SetU64(math.MaxUint64)
		s.SetF64(math.Inf(-1))
		s.SetF32(math.SmallestNonzeroFloat32)
		s.SetS("\xff\x00")
		s.SetB(false)
	})
	if s.I64() != math.MinInt64 || s.I8() != math.MinInt8 || s.U64() != math.MaxUint64 ||
		s.F64() != math.Inf(-1) || s.F32() != math.SmallestNonzeroFloat32 || s.S() != "\xff\x00" || !s.HasB() {
		t.Errorf("came back as %+v", s.Snapshot())
	}
}

func TestAnArrayIsAValue(t *testing.T) {
	s := saved(t, arrays.NewSessions, func(s *arrays.Session) { s.SetKey(arrays.Key{15: 1}) })
	if key := s.Key(); key != (arrays.Key{15: 1}) {
		t.Errorf("Key() = %v", key)
	}
}

func TestWhatUnmarshalBinaryKeepsIsItsOwn(t *testing.T) {
	s := saved(t, binary.NewSessions, func(s *binary.Session) {
		var k binary.Keeper
		_ = k.UnmarshalBinary([]byte("kept"))
		s.SetKeeper(k)
	})
	s.Keeper().Bytes()[0] = 'X'
	if got := string(s.Keeper().Bytes()); got != "kept" {
		t.Errorf("Keeper() = %q after a change to what it had returned", got)
	}
}

func TestJSONKnowsTheMethodsOfPointers(t *testing.T) {
	s := saved(t, jsonoption.NewSessions, func(s *jsonoption.Session) {
		var shape jsonoption.Shape
		_ = shape.UnmarshalJSON([]byte("4"))
		s.SetShape(shape)
		s.SetBag(nil)
		s.SetAny(nil)
	})
	shape := s.Shape()
	if b, err := shape.MarshalJSON(); err != nil || string(b) != "4" {
		t.Errorf("Shape() = %s, %v", b, err)
	}
	if !s.HasBag() || s.Bag() != nil || !s.HasAny() || s.Any() != nil {
		t.Errorf("nil came back as %v and %v", s.Bag(), s.Any())
	}
}
