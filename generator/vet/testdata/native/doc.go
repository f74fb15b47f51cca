// Package native has a file without C too: where there is no C compiler it is not empty.
package native
