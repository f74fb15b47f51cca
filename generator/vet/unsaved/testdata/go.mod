module example.com/unsaved

go 1.26.0
