/*
 * fault.c - the settings in the order given; the first that strikes wins.
 */
#include "sim/common/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
	"503", "429",       "slow",      "drop",   "refuse", "wrong-code", "html",   "truncate",
	"gbk", "500-after", "503-after", "expire", "late",   "reset",      "repeat", "wrong-key",
};

static const char *known(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return names[i];
	return NULL;
}

static struct fault *place(struct faults *faults, const char *name, const char *path)
{
	int i;

	for (i = 0; i < faults->count; i++)
		if (faults->list[i].name == name && strcmp(faults->list[i].path, path) == 0)
			return &faults->list[i];
	if (faults->count == (int)(sizeof(faults->list) / sizeof(faults->list[0])))
		return NULL;
	return &faults->list[faults->count++];
}

bool faults_set(struct faults *faults, const char *name, const char *value)
{
	const char *path = strchr(value, '@');
	bool counted = value[0] == 'x';
	struct fault *fault;
	char *end;
	double number;

	name = known(name);
	number = strtod(value + counted, &end);
	if (!name || end == value + counted || (*end && end != path) || number < 0 ||
	    (!counted && number > 1))
		return false;
	if (path && strlen(path + 1) >= sizeof(fault->path))
		return false;
	fault = place(faults, name, path ? path + 1 : "");
	if (!fault)
		return false;
	fault->name = name;
	fault->rate = counted ? 0 : number;
	fault->left = counted ? (int)number : -1;
	snprintf(fault->path, sizeof(fault->path), "%s", path ? path + 1 : "");
	return true;
}

static bool strikes(struct fault *fault, struct random *random)
{
	if (fault->left < 0)
		return fault->rate > 0 && random_unit(random) < fault->rate;
	if (fault->left == 0)
		return false;
	fault->left--;
	return true;
}

const char *faults_pick(struct faults *faults, const char *path)
{
	int i;

	for (i = 0; i < faults->count; i++) {
		struct fault *fault = &faults->list[i];

		if (strncmp(path, fault->path, strlen(fault->path)) == 0 &&
		    strikes(fault, &faults->random))
			return fault->name;
	}
	return "";
}
