module example.com/countlimit

go 1.26.0
