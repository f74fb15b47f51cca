// Package item has the name of another package.
package item

// An Item is another thing of that name.
type Item struct{ Title string }

// A Kind is a string.
type Kind string
