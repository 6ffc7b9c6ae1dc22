/*
 * site_reading.c - what every part of reading a site needs: where files are,
 * and the words that could have been meant.
 */
#include "flow/site_reading.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/grammar.h"
#include "base/xml.h"

/* The program's own folder, in @arena. */
static char *program_folder(struct arena *arena)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len <= 0)
		return arena_string(arena, CB_TEXT("."));
	path[len] = '\0';
	*strrchr(path, '/') = '\0';
	return arena_string(arena, cb_text_of(path));
}

static char *absolute(struct arena *arena, const char *path)
{
	char whole[PATH_MAX];

	return arena_string(arena, cb_text_of(realpath(path, whole) ? whole : path));
}

static char *part_folder(struct arena *arena, const char *variable, const char *built,
			 const char *installed)
{
	const char *given = getenv(variable);
	char *program, *beside;

	if (given && *given)
		return absolute(arena, given);
	program = program_folder(arena);
	beside = file_join(arena, program, built);
	return absolute(arena, file_exists(beside) ? beside : file_join(arena, program, installed));
}

char *site_plugins_folder(struct arena *arena)
{
	return part_folder(arena, "CASEBRIDGE_PLUGINS", "plugins", "../lib/casebridge/plugins");
}

char *site_mappings_folder(struct arena *arena)
{
	return part_folder(arena, "CASEBRIDGE_MAPPINGS", "../../mappings",
			   "../share/casebridge/mappings");
}

char *reading_find(const struct reading *r, const char *name)
{
	char *file = arena_printf(r->arena, "%s/mappings/%s", r->site->folder, name);

	if (file_exists(file))
		return file;
	file = file_join(r->arena, r->installed, name);
	return file_exists(file) ? file : NULL;
}

void words_add(struct words *words, const char *word)
{
	for (size_t i = 0; word && i < words->count; i++)
		if (strcmp(words->at[i], word) == 0)
			return;
	if (word && words->count < WORDS_MAX)
		words->at[words->count++] = word;
}

const char *words_hint(struct arena *arena, const char *word, const struct words *words)
{
	const char *nearest = problem_nearest(word, words->at), *list = "";

	if (nearest)
		return arena_printf(arena, "%s%s%s", cb_say("；是不是“", "; did you mean '"),
				    nearest, cb_say("”？", "'?"));
	for (size_t i = 0; i < words->count; i++)
		list = arena_printf(arena, "%s%s%s", list, i ? cb_say("、", ", ") : "",
				    words->at[i]);
	if (!words->count)
		return "";
	return arena_printf(arena, "%s%s", cb_say("；现有：", "; there are: "), list);
}

void words_add_files(const struct reading *r, const char *folder, struct words *words)
{
	const char *tops[] = { file_join(r->arena, r->site->folder, "mappings"), r->installed };

	for (size_t i = 0; i < 2; i++) {
		DIR *dir = opendir(file_join(r->arena, tops[i], folder));
		struct dirent *entry;

		while (dir && (entry = readdir(dir))) {
			size_t len = strlen(entry->d_name);

			if (len > 4 && strcmp(entry->d_name + len - 4, ".xml") == 0)
				words_add(words,
					  arena_string(r->arena,
						       (struct cb_text){ entry->d_name, len - 4 }));
		}
		if (dir)
			closedir(dir);
	}
}

void reading_check_again(const struct reading *r, const struct cb_element *element,
			 const struct cb_element *again)
{
	if (again)
		problem_at(r->problems, element, "name", 0, "“%s”在第 %u 行已经用过",
			   "'%s' is taken by line %u", cb_attribute(element, "name"), again->line);
}

struct reading reading_begin(struct arena *arena, const char *folder, struct problems *problems)
{
	struct site *site = arena_zero(arena, sizeof(*site));
	char *own;

	site->folder = absolute(arena, folder);
	site->plugins = site_plugins_folder(arena);
	site->store_file = file_join(arena, site->folder, "casebridge.db");
	own = file_join(arena, site->folder, "mappings");
	site->installed = site_mappings_folder(arena);
	site->mappings = file_exists(own) ? own : site->installed;
	return (struct reading){
		.arena = arena,
		.problems = problems,
		.site = site,
		.installed = site->installed,
	};
}

const struct cb_element *reading_root(const struct reading *r, const char *folder)
{
	char *file = strcmp(folder, ".") == 0 ? arena_string(r->arena, CB_TEXT("site.xml"))
					      : file_join(r->arena, folder, "site.xml");
	const struct cb_element *root;

	if (!file_exists(file)) {
		problem_add(r->problems, file, 0, 0,
			    "这里没有站点文件：用 --site 指出站点目录，或执行 casebridge init %s",
			    "there is no site file: name the site's folder with --site, or run "
			    "casebridge init %s",
			    folder);
		return NULL;
	}
	root = xml_read_file(r->arena, file, r->problems);
	if (root)
		grammar_check(&site_grammar, root, r->problems);
	return root && is_named(root, "site") ? root : NULL;
}
