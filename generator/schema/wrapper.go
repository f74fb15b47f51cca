package schema

import "strings"

// Declared returns the exported names that the generated code declares in the package for a wrapper.
func (w *Wrapper) Declared() []string { return []string{w.Name, w.Manager(), w.Constructor()} }

// Manager is the name of the type of a wrapper's manager: Session → Sessions, whatever the English plural; of a name
// that ends in s, which takes no second one, Bookings → BookingsManager.
func (w *Wrapper) Manager() string {
	if strings.HasSuffix(w.Name, "s") {
		return w.Name + "Manager"
	}
	return w.Name + "s"
}

// Constructor is the name of the function that makes a manager.
func (w *Wrapper) Constructor() string { return "New" + w.Manager() }
