package schema

import "strings"

// Manager is what the type of a wrapper's manager is called: Session → Sessions, whatever the English plural; of a name
// that ends in s, which takes no second one, Bookings → BookingsManager.
func (w *Wrapper) Manager() string {
	if strings.HasSuffix(w.Name, "s") {
		return w.Name + "Manager"
	}
	return w.Name + "s"
}

// Constructor is what the function is called that makes a manager.
func (w *Wrapper) Constructor() string { return "New" + w.Manager() }
