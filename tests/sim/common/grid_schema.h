/*
 * grid_schema.h - the grid's ledger: generate fills it, grid serves it.
 */
#ifndef SIM_GRID_SCHEMA_H
#define SIM_GRID_SCHEMA_H

#define GRID_SCHEMA                                                                                \
	"CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, gxsj TEXT NOT NULL,"               \
	" ajbh TEXT NOT NULL, body TEXT NOT NULL);"                                                \
	"CREATE INDEX IF NOT EXISTS event_by_change ON event (gxsj, id);"                          \
	"CREATE TABLE IF NOT EXISTS planted (kind TEXT NOT NULL, event_id TEXT NOT NULL);"         \
	"CREATE TABLE IF NOT EXISTS noted (kind TEXT NOT NULL, event_id TEXT NOT NULL);"           \
	"CREATE TABLE IF NOT EXISTS result (event_id TEXT PRIMARY KEY, ajbh TEXT, tjjg TEXT,"      \
	" jasj TEXT, tjgzs TEXT, xynr TEXT, user TEXT, same_number INTEGER, body TEXT,"            \
	" first_at INTEGER, last_at INTEGER, times_received INTEGER, times_changed INTEGER);"      \
	"CREATE TABLE IF NOT EXISTS taken (event_id TEXT PRIMARY KEY, first_at INTEGER,"           \
	" times INTEGER);"

#endif
