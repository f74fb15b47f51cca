module example.com/latesave

go 1.26.0
