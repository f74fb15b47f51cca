// A module of its own, in your repository at tools/sessionvet: go mod tidy adds what it requires.
module example.com/shop/tools/sessionvet

go 1.26.0
