// Package sqltest tests package sqlstore on real servers, with the drivers that people use: PostgreSQL through
// github.com/jackc/pgx/v5, MariaDB through github.com/go-sql-driver/mysql, SQLite through modernc.org/sqlite. It is
// a module of its own, so that none of them is among the dependencies of whoever uses the store.
package sqltest
