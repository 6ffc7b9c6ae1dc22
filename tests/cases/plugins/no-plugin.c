/* no-plugin.c - a shared object that is something else. */
#include <casebridge/error.h>

CB_API int somebody_elses(void);
int somebody_elses(void)
{
	return 0;
}
