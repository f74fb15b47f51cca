//go:build !race

package memcached_test

const raceDetector = false
