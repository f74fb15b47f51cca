module github.com/alexedwards/scs

go 1.26.0
