// Package osname has a schema in a file that is for one system by its name.
package osname
