package twofiles

//sessiongen:schema
type AdminSchema struct {
	Items []Item
	Prefs map[string]string
}
