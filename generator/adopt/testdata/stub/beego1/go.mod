module github.com/astaxie/beego

go 1.26.0
