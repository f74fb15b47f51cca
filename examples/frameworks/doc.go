// Package frameworks has a small site with sessions for each framework, each a command of its own: go run ./gin.
package frameworks
