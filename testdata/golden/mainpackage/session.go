// Command mainpackage has its schema in package main.
package main

//sessiongen:schema
type SessionSchema struct {
	Name  string
	Items []item
}

type item struct{ Name string }

func main() {}
