package sqlstore

import (
	"strconv"
	"strings"
)

// Reasons that several databases give, in the same words.
const (
	textConflict    = "a conflict with another write"
	textLocked      = "a lock that others hold"
	textReadOnly    = "the database is read only"
	textConnections = "too many connections"
	textFull        = "no room left"
	textTable       = "there is no such table: see CreateTable"
	textColumn      = "the table of that name is another one: see Options.Table"
	textRights      = "no right to do this"
	textLogin       = "the login was refused"
	textDatabase    = "there is no such database"
	textStopped     = "the statement was stopped"
	textShutdown    = "the server ended the connection"
	textTooLarge    = "the value is too large"
)

// faultOfCode reads a database's answer. A statement that the database answers with an error has changed nothing,
// as each is a transaction of its own; the codes that say otherwise, or that a proxy has made, are listed.
func (d Dialect) faultOfCode(code string) fault {
	switch d {
	case Postgres:
		return postgresFault(code)
	case MySQL:
		return mysqlFault(code)
	}
	return sqliteFault(code)
}

// postgresFault follows PostgreSQL's appendix A, "PostgreSQL Error Codes".
func postgresFault(code string) fault {
	switch code {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return fault{conflict, textConflict}
	case "23505", "42P07", "42710": // of two that create the table at the same time, one
		return fault{conflict, textConflict}
	case "55P03": // lock_not_available
		return fault{locked, textLocked}
	case "25006": // read_only_sql_transaction
		return fault{readOnly, textReadOnly}
	case "22001", "54000": // string_data_right_truncation, program_limit_exceeded
		return fault{tooLarge, textTooLarge}
	case "40003", // statement_completion_unknown
		"57P01", "57P02", "57P05": // the server, an operator or a timeout ended the connection
		return fault{unknown, textShutdown}
	case "57014": // query_canceled
		return fault{refused, textStopped}
	case "57P03":
		return fault{refused, "the server is starting up or shutting down"}
	case "53100", "53200":
		return fault{refused, textFull}
	case "53300":
		return fault{refused, textConnections}
	case "42P01":
		return fault{refused, textTable}
	case "42703": // undefined_column
		return fault{refused, textColumn}
	case "42501":
		return fault{refused, textRights}
	case "28000", "28P01":
		return fault{refused, textLogin}
	case "3D000":
		return fault{refused, textDatabase}
	}
	if strings.HasPrefix(code, "08") { // connection exceptions: poolers have them for a server that went away
		return fault{kind: unknown}
	}
	return fault{kind: refused}
}

// mysqlFault follows the error references of MySQL and MariaDB, which agree on these.
func mysqlFault(code string) fault {
	switch code {
	case "1213", // ER_LOCK_DEADLOCK; Galera's certification failure too
		"1020": // ER_CHECKREAD: a write since the snapshot, where MariaDB has innodb_snapshot_isolation
		return fault{conflict, textConflict}
	case "1205": // ER_LOCK_WAIT_TIMEOUT
		return fault{locked, textLocked}
	case "1290", "1836", "1792": // read_only, innodb_read_only, SET TRANSACTION READ ONLY
		return fault{readOnly, textReadOnly}
	case "1153", "1406": // ER_NET_PACKET_TOO_LARGE, ER_DATA_TOO_LONG
		return fault{tooLarge, textTooLarge}
	case "1053", "1927": // ER_SERVER_SHUTDOWN, ER_CONNECTION_KILLED
		return fault{unknown, textShutdown}
	case "1105", // ER_UNKNOWN_ERROR, which proxies use for everything
		"1152", "1158", "1159", "1160", "1161", // the server lost the client
		"1180": // ER_ERROR_DURING_COMMIT
		return fault{kind: unknown}
	case "1317", "1969", "3024": // KILL QUERY, max_statement_time, max_execution_time
		return fault{refused, textStopped}
	case "1021", "1114":
		return fault{refused, textFull}
	case "1040", "1203", "1226":
		return fault{refused, textConnections}
	case "1146":
		return fault{refused, textTable}
	case "1054": // ER_BAD_FIELD_ERROR
		return fault{refused, textColumn}
	case "1044", "1142", "1143", "1227":
		return fault{refused, textRights}
	case "1045", "1698":
		return fault{refused, textLogin}
	case "1049":
		return fault{refused, textDatabase}
	}
	if n, _ := strconv.Atoi(code); n >= 2000 && n < 3000 { // a client's errors, passed on by a proxy
		return fault{kind: unknown}
	}
	return fault{kind: refused}
}

// sqliteFault follows "Result and Error Codes" of SQLite: the low byte is the primary code.
func sqliteFault(code string) fault {
	n, _ := strconv.Atoi(code)
	if n == 517 { // SQLITE_BUSY_SNAPSHOT
		return fault{conflict, textConflict}
	}
	switch n & 0xff {
	case 5, 6: // SQLITE_BUSY, SQLITE_LOCKED
		return fault{locked, textLocked}
	case 8: // SQLITE_READONLY
		return fault{readOnly, textReadOnly}
	case 18: // SQLITE_TOOBIG
		return fault{tooLarge, textTooLarge}
	case 9: // SQLITE_INTERRUPT
		return fault{refused, textStopped}
	case 10: // SQLITE_IOERR, which may come from the sync after a write
		return fault{unknown, "the disk failed"}
	case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
		return fault{refused, "the file is damaged or is no database"}
	case 13: // SQLITE_FULL
		return fault{refused, textFull}
	case 14: // SQLITE_CANTOPEN
		return fault{refused, "the file cannot be opened"}
	case 1: // SQLITE_ERROR
		return fault{refused, "perhaps there is no such table, or another one has its name: see CreateTable and Options.Table"}
	}
	return fault{kind: refused}
}
