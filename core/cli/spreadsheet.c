/*
 * spreadsheet.c - collect the cells, let a worker write them.
 */
#include "cli/spreadsheet.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "flow/site.h"
#include "host/host.h"

void spreadsheet_cell(struct spreadsheet *sheet, struct cb_text text)
{
	memory_grow(&sheet->cells, sheet->count, &sheet->room, sizeof(*sheet->cells));
	sheet->cells[sheet->count++] =
		text.len ? arena_copy(sheet->arena, text) : (struct cb_text){ 0 };
}

void spreadsheet_done(struct spreadsheet *sheet)
{
	free(sheet->cells);
	*sheet = (struct spreadsheet){ 0 };
}

bool spreadsheet_can(struct call *call, const char *file)
{
	const char *dot = strrchr(file, '.');

	if (dot && (strcasecmp(dot, ".xlsx") == 0 || strcasecmp(dot, ".csv") == 0))
		return true;
	call_usage(call, "%s：文件名应以 .xlsx 或 .csv 结尾",
		   "%s: the name must end in .xlsx or .csv", file);
	return false;
}

int spreadsheet_write(struct call *call, const struct spreadsheet *sheet, const char *file,
		      bool is_personal, struct cb_error *err)
{
	struct buffer bytes = { 0 };
	int rc = worker_table(site_plugins_folder(&call->arena), file, sheet->cells, sheet->columns,
			      sheet->count, &bytes, err);

	if (rc == CB_OK && !call_has(call, OPTION_DRY_RUN))
		rc = file_write(file, buffer_view(&bytes), is_personal ? 0600 : 0644, err);
	buffer_done(&bytes);
	return rc;
}
