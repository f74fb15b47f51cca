module example.com/lostresult

go 1.26.0
