package schema

import "strings"

// Declared returns the exported names that the generated code declares in the package for a wrapper.
func (w *Wrapper) Declared() []string {
	names := []string{w.Name, w.Manager(), w.Constructor()}
	if w.Owner() != nil {
		names = append(names, w.OwnerFunction())
	}
	return names
}

// Manager is the name of the type of a wrapper's manager: Session → Sessions, whatever the English plural; of a name
// that ends in s, which takes no second one, Bookings → BookingsManager.
func (w *Wrapper) Manager() string {
	if w.plural() {
		return w.Name + "Manager"
	}
	return w.Name + "s"
}

// Constructor is the name of the function that makes a manager.
func (w *Wrapper) Constructor() string { return "New" + w.Manager() }

// OwnerFunction is the name of the function that returns an owner's sessions: Session → SessionsOf, Bookings →
// BookingsOwner.
func (w *Wrapper) OwnerFunction() string {
	if w.plural() {
		return w.Name + "Owner"
	}
	return w.Name + "sOf"
}

func (w *Wrapper) plural() bool { return strings.HasSuffix(w.Name, "s") }

// Owner returns the field that says whose a session is, or nil.
func (w *Wrapper) Owner() *Field {
	for _, f := range w.Fields {
		if f.Owner > 0 {
			return f
		}
	}
	return nil
}
