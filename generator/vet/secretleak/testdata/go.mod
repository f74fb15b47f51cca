module example.com/secretleak

go 1.26.0
