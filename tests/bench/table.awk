# table.awk - the best of each from lines "name cases wall cpu busiest pss status right".
BEGIN {
	FS = "\t"
	n = split("floor-sax floor-sax-both xml-map xsltproc json-map jq csv-map grid-map codes-map xlsx-map openpyxl " \
		  "floor-sqlite floor-sqlite-records xml-store xml-again json-store csv-store sqlite3 " \
		  "csv-again sqlite3-again", order, " ")
	label["floor-sax"] = "libxml2 SAX alone (floor)"
	label["floor-sax-both"] = "  each of two at once"
	label["xml-map"] = "XML -> NDJSON"
	label["xsltproc"] = "  xsltproc, XML -> lines"
	label["json-map"] = "NDJSON -> NDJSON"
	label["jq"] = "  jq, NDJSON -> NDJSON"
	label["csv-map"] = "CSV -> NDJSON"
	label["grid-map"] = "XML -> NDJSON, the shipped grid mapping"
	label["codes-map"] = "CSV -> NDJSON, a code table of 100 000"
	label["xlsx-map"] = "XLSX -> NDJSON"
	label["openpyxl"] = "  openpyxl, XLSX -> NDJSON"
	label["floor-sqlite"] = "SQLite alone, the same rows (floor)"
	label["floor-sqlite-records"] = "  only records and their parties"
	label["xml-store"] = "XML -> store"
	label["xml-again"] = "XML -> store, nothing changed"
	label["json-store"] = "NDJSON -> store"
	label["csv-store"] = "CSV -> store"
	label["csv-again"] = "CSV -> store, nothing changed"
	label["sqlite3-again"] = "  sqlite3 .import + upsert, again"
	label["sqlite3"] = "  sqlite3 .import + upsert, CSV"
}
$8 == "yes" {
	key = $1 SUBSEP $2
	if (!(key in wall) || $3 < wall[key]) wall[key] = $3
	if (!(key in cpu) || $4 < cpu[key]) cpu[key] = $4
	if (!(key in busiest) || $5 < busiest[key]) busiest[key] = $5
	if ($6 > pss[key]) pss[key] = $6
}
function rate(name) { return wall[name, cases] > 0 ? cases / wall[name, cases] : 0 }
function show(name) {
	if (!((name, cases) in wall)) return
	printf "%-38s %10.0f %10.1f %10.1f", label[name], rate(name), cpu[name, cases] * 1e6 / cases,
		busiest[name, cases] * 1e6 / cases
	if (pss[name, cases] > 0) printf " %9.1f", pss[name, cases] / 1024
	printf "\n"
}
# By the clock, and by the CPU of the busiest process: the latter does not see who else is at work.
function ratio(what, a, b, aim) {
	if (rate(a) && rate(b))
		printf "%-38s %10.2f %10.2f   aim %s %s\n", what, rate(a) / rate(b), busiest[b, cases] / busiest[a, cases],
			aim, (rate(a) / rate(b) >= aim ? "" : "  MISSED")
}
# What our aim beside a peer comes to where nobody writing these rows can be that much faster.
function bound(what, floor, peer) {
	if (rate(floor) && rate(peer))
		printf "%-38s %10.2f %10.2f   the most that is possible there\n", what, rate(floor) / rate(peer),
			busiest[peer, cases] / busiest[floor, cases]
}
function memory(name, at,   key) {
	key = name SUBSEP at
	if (!(key in pss)) return
	printf "%-28s %9d %9.1f MiB%s\n", label[name], at, pss[key] / 1024, (pss[key] / 1024 < 96 ? "" : "   MISSED (96)")
}
END {
	printf "\n%-38s %10s %10s %10s %9s\n", cases " cases, best of the rounds", "cases/s", "CPU us",
		"busiest us", "PSS MiB"
	for (i = 1; i <= n; i++) show(order[i])
	printf "\n%-38s %10s %10s\n", "ratios", "clock", "busiest"
	ratio("XML -> NDJSON / libxml2", "xml-map", "floor-sax", 0.5)
	ratio("  libxml2 beside a busy core", "xml-map", "floor-sax-both", 0.5)
	ratio("XML -> store / SQLite", "xml-store", "floor-sqlite", 0.6)
	ratio("XML -> NDJSON / xsltproc", "xml-map", "xsltproc", 3)
	ratio("NDJSON -> NDJSON / jq", "json-map", "jq", 3)
	ratio("CSV -> store / SQLite", "csv-store", "floor-sqlite", 0.75)
	ratio("CSV -> store / sqlite3", "csv-store", "sqlite3", 3)
	bound("  SQLite / sqlite3", "floor-sqlite-records", "sqlite3")
	ratio("CSV, nothing changed / sqlite3 again", "csv-again", "sqlite3-again", 3)
	printf "\nmemory, engine and worker, peak PSS (aim: below 96 MiB and flat)\n"
	m = split("xml-map json-map csv-map xml-store json-store csv-store", of, " ")
	k = split("10000 100000 1000000", sizes, " ")
	for (i = 1; i <= m; i++)
		for (j = 1; j <= k; j++) memory(of[i], sizes[j])
}
