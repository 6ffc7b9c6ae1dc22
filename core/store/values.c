/*
 * values.c - how often each value of a field stands in the records.
 */
#include "store/inside.h"

int store_values(struct store *store, const struct table *table, const struct field *field,
		 int (*each)(void *with, struct cb_text value, int64_t count, struct cb_error *err),
		 void *with, struct cb_error *err)
{
	struct buffer sql = { 0 };
	struct statement *st;
	int rc;

	buffer_printf(&sql,
		      "SELECT \"%s\", COUNT(*) FROM \"%s\" WHERE \"%s\" IS NOT NULL GROUP BY 1",
		      field->column, table->store, field->column);
	st = statement_new(store->db, buffer_cstr(&sql));
	buffer_done(&sql);
	while ((rc = statement_step(st, err)) == CB_OK) {
		rc = each(with, statement_get_text(st, 0), statement_get_int(st, 1), err);
		if (rc != CB_OK)
			break;
	}
	statement_free(st);
	return rc == CB_END ? CB_OK : rc;
}
