module github.com/labstack/echo-contrib

go 1.26.0
