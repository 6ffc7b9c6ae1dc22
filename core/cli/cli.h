/*
 * cli.h - the command line.
 *
 * Chinese by default, English with --lang en. What was asked for goes to
 * standard output, everything else to standard error, and what went wrong is one
 * sentence. Exit codes are those of sysexits.h; 1: it ran, and something needs
 * a person.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

int cli_main(int argc, char **argv);

#endif
