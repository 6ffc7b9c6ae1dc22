/*
 * serve.c - the engine as a service.
 */
#include "cli/call.h"

#include <stdlib.h>
#include <sysexits.h>

#include "console/console.h"

int command_serve(struct call *call)
{
	const char *port = call->values[OPTION_PORT];
	struct console_options options = { .folder = call_folder(call),
					   .who = call_who(call),
					   .log = call->values[OPTION_LOG] };
	struct cb_error err;
	char *end;
	long number;

	if (call_has(call, OPTION_DRY_RUN))
		return call_usage(call, "serve 不能试运行；用 casebridge run 流程 --dry-run",
				  "serve has no dry run; casebridge run FLOW --dry-run has");
	if (port) {
		number = strtol(port, &end, 10);
		if (*end || end == port || number < 0 || number > 65535)
			return call_usage(call, "端口是 0 到 65535 的数，不是“%s”",
					  "a port is 0 to 65535, not '%s'", port);
		options.port = number ? (int)number : -1;
	}
	return console_serve(&options, &err) == CB_OK ? 0 : call_fail(call, &err);
}
