package sqlstore

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// CreateTable creates the table and its index where they are missing, for sites that have no migrations; others
// take the text of DDL. Several processes may call it at once. It may take longer than Options.Timeout, but
// not longer than a minute.
func (s *Store) CreateTable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, statement := range s.dialect.ddl(s.table) {
		if _, err := s.exec(ctx, verbCreate, statement); err != nil {
			return err
		}
	}
	return nil
}

// DDL has the statements of CreateTable, each with a semicolon and a line end, for a site's own migrations.
// An empty name is DefaultTable. It panics over a dialect that is none and over a name that no table can have, as
// NewWithOptions returns an error.
func (d Dialect) DDL(table string) string {
	if table == "" {
		table = DefaultTable
	}
	if err := d.check(table); err != nil {
		panic(err)
	}
	var b strings.Builder
	for _, statement := range d.ddl(table) {
		b.WriteString(statement + ";\n")
	}
	return b.String()
}

func (d Dialect) ddl(table string) []string {
	index := table[strings.LastIndex(table, ".")+1:] + "_expires"
	columns := func(key, value, version, more string) string {
		return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (\n\tsession_key %s NOT NULL PRIMARY KEY,\n\tvalue %s NOT NULL,\n"+
			"\tversion %s NOT NULL,\n\texpires BIGINT NOT NULL%s\n)", table, key, value, version, more)
	}
	switch d {
	case Postgres:
		return []string{
			columns("BYTEA", "BYTEA", "BYTEA", ""),
			fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (expires)", index, table),
		}
	case MySQL:
		// One statement: MySQL has no CREATE INDEX IF NOT EXISTS.
		return []string{columns("VARBINARY(250)", "MEDIUMBLOB", "BINARY(16)", ",\n\tINDEX "+index+" (expires)") + " ENGINE=InnoDB"}
	case SQLite:
		schema := table[:strings.LastIndex(table, ".")+1]
		return []string{
			columns("BLOB", "BLOB", "BLOB", ""),
			fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s%s ON %s (expires)", schema, index, table[len(schema):]),
		}
	}
	return nil
}

// check says what is wrong with a dialect and the name of a table.
func (d Dialect) check(table string) error {
	switch {
	case d < Postgres || d > SQLite:
		return fmt.Errorf("sqlstore: unknown dialect %v", d)
	case !tableName.MatchString(table):
		return fmt.Errorf("sqlstore: table name %q needs quotes: only letters, digits and _ do not", table)
	}
	return nil
}

// tableName is a name that needs no quotes, with or without its schema's.
var tableName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*\.)?[A-Za-z_][A-Za-z0-9_]*$`)
