package osname

//sessiongen:schema
type SessionSchema struct{ Name string }
