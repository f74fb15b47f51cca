module github.com/kidstuff/mongostore

go 1.26.0
