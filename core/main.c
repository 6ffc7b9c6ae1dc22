/*
 * main.c - into the command line, the same in every locale.
 *
 * No setlocale: texts are UTF-8 and numbers have a point wherever this runs.
 */
#include <signal.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
	/* Whoever writes finds out by the error, and can say so. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return cli_main(argc, argv);
}
