/*
 * site_init.c - a new site begins as a copy of mappings/site/site.xml.
 *
 * What stands in that file works at once; the rest is commented out, to be
 * taken up a piece at a time.
 */
#include "flow/site.h"

#include "base/buffer.h"
#include "base/file.h"

#define TEMPLATE_MAX ((size_t)1 << 20)

int site_init(const char *folder, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct buffer text = { 0 };
	char *file = file_join(&arena, folder, "site.xml");
	int rc;

	if (file_exists(file)) {
		rc = cb_fail(err, CB_SETUP, "%s 已经有了：不覆盖现有站点",
			     "%s is there already: an existing site is not overwritten", file);
		goto done;
	}
	rc = file_read(file_join(&arena, site_mappings_folder(&arena), "site/site.xml"),
		       TEMPLATE_MAX, &text, err);
	if (rc == CB_OK)
		rc = file_make_folder(folder, 0750, err);
	if (rc == CB_OK)
		rc = file_make_folder(file_join(&arena, folder, "secrets"), 0700, err);
	if (rc == CB_OK)
		rc = file_make_folder(file_join(&arena, folder, "inbox"), 0750, err);
	if (rc == CB_OK)
		rc = file_write(file, buffer_view(&text), 0644, err);
done:
	buffer_done(&text);
	arena_done(&arena);
	return rc;
}
