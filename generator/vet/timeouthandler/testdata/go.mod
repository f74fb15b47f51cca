module example.com/timeouthandler

go 1.26.0
