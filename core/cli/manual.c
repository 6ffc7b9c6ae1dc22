/*
 * manual.c - the manual page and the shell's completion, from the tables.
 */
#include "cli/call.h"

/* Text for roff: no line begins with a dot, no backslash escapes. */
static void roff(struct buffer *out, const char *text)
{
	bool is_first = true;

	for (const char *at = text; *at; at++) {
		if (is_first && (*at == '.' || *at == '\''))
			buffer_string(out, "\\&");
		if (*at == '\\')
			buffer_string(out, "\\e");
		else if (*at == '-')
			buffer_string(out, "\\-");
		else
			buffer_char(out, *at);
		is_first = *at == '\n';
	}
}

static void roff_options(struct buffer *out, uint64_t bits)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (!(bits >> i & 1))
			continue;
		buffer_string(out, ".TP\n.B ");
		roff(out, "--");
		roff(out, option_table[i].name);
		if (option_table[i].value.zh) {
			buffer_char(out, ' ');
			roff(out, say(option_table[i].value));
		}
		buffer_char(out, '\n');
		roff(out, say(option_table[i].about));
		buffer_char(out, '\n');
	}
}

static void roff_command(struct buffer *out, const struct command *c)
{
	buffer_string(out, ".SS ");
	roff(out, c->name);
	buffer_char(out, ' ');
	roff(out, say(c->arguments));
	buffer_char(out, '\n');
	roff(out, say(c->about));
	buffer_string(out, cb_say("。\n.nf\n", ".\n.nf\n"));
	roff(out, say(c->more));
	buffer_string(out, "\n.fi\n");
	roff_options(out, c->options);
}

void manual_page(struct buffer *out)
{
	buffer_string(out, ".TH CASEBRIDGE 1\n");
	buffer_printf(out, ".SH %s\ncasebridge \\- %s\n", cb_say("名称", "NAME"),
		      cb_say("在互不相识的系统之间搬运案件",
			     "carry cases between systems that were never made to talk"));
	buffer_printf(out, ".SH %s\n.B casebridge\n%s\n", cb_say("用法", "SYNOPSIS"),
		      cb_say("命令 [参数] [选项]", "COMMAND [ARGUMENTS] [OPTIONS]"));
	for (const struct command_group *group = command_table; group->commands; group++) {
		buffer_printf(out, ".SH %s\n", say(group->heading));
		for (const struct command *c = group->commands; c->name; c++)
			if (!c->is_hidden)
				roff_command(out, c);
	}
	buffer_printf(out, ".SH %s\n", cb_say("选项", "OPTIONS"));
	roff_options(out, COMMON_OPTIONS);
	buffer_printf(out, ".SH %s\n", cb_say("返回", "EXIT STATUS"));
	buffer_printf(out, "%s\n", say(exit_codes));
}

/* The second words of "held …" and the like, once for each group. */
static void complete_group(struct buffer *out, const char *first, size_t len)
{
	bool has_second = false;

	EACH_COMMAND(c) {
		if (strncmp(c->name, first, len) != 0 || c->name[len] != ' ')
			continue;
		if (!has_second)
			buffer_printf(out, "\t%.*s) words=\"", (int)len, first);
		buffer_printf(out, "%s%s", has_second ? " " : "", c->name + len + 1);
		has_second = true;
	}
	if (has_second)
		buffer_string(out, "\" ;;\n");
}

static bool is_first_of_group(const struct command *command)
{
	size_t len = strcspn(command->name, " ");

	EACH_COMMAND(c) {
		if (c == command)
			break;
		if (strncmp(c->name, command->name, len) == 0 &&
		    (c->name[len] == ' ' || !c->name[len]))
			return false;
	}
	return !command->is_hidden;
}

int command_completion(struct call *call)
{
	struct buffer *out = &call->out;

	if (strcmp(call->arguments[0], "bash") != 0)
		return call_usage(call, "只有 bash 的补全", "there is completion for bash only");
	buffer_string(out, "# source <(casebridge completion bash)\n"
			   "_casebridge() {\n"
			   "\tlocal word=${COMP_WORDS[COMP_CWORD]} words=\n"
			   "\tif [[ $word == -* ]]; then\n"
			   "\t\twords=\"");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		buffer_printf(out, "%s--%s", i ? " " : "", option_table[i].name);
	buffer_string(out, "\"\n"
			   "\telif [[ $COMP_CWORD == 1 ]]; then\n"
			   "\t\twords=\"");
	EACH_COMMAND(c)
		if (is_first_of_group(c))
			buffer_printf(out, "%.*s ", (int)strcspn(c->name, " "), c->name);
	buffer_string(out, "\"\n\telif [[ $COMP_CWORD == 2 ]]; then case ${COMP_WORDS[1]} in\n");
	EACH_COMMAND(c)
		if (is_first_of_group(c))
			complete_group(out, c->name, strcspn(c->name, " "));
	buffer_string(out, "\tesac; fi\n"
			   "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
			   "}\n"
			   "complete -o default -F _casebridge casebridge\n");
	return 0;
}
