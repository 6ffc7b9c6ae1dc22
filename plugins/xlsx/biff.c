#include "table.h"
int biff_read(struct source *source)
{
	return cb_fail(source->err, CB_SETUP, "x", "x");
}
