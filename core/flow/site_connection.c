/*
 * site_connection.c - connections, their settings, accounts and secrets.
 *
 * What a setting is, is the connector's to say: whether it is needed, a secret,
 * one for each account. A secret's file is looked at, never read.
 */
#include "flow/site_reading.h"

#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/number.h"
#include "base/utf8.h"

/* Settings. */

/* The file that a secret is kept in where site.xml does not say: secrets/CONN-ACCOUNT[-NAME]. */
static const char *secret_file(const struct reading *r, const struct site_connection *c,
			       const char *account, const char *name)
{
	size_t secrets = 0;

	for (size_t i = 0; i < c->manifest->setting_count; i++)
		secrets += c->manifest->settings[i].is_secret;
	return arena_printf(r->arena, "secrets/%s%s%s%s%s", c->name, *account ? "-" : "", account,
			    secrets > 1 ? "-" : "", secrets > 1 ? name : "");
}

static const char *account_path(const struct reading *r, const struct site_connection *c,
				const char *account)
{
	return *account ? arena_printf(r->arena, "%s/%s", c->name, account) : c->name;
}

static bool leaves_folder(const char *file)
{
	for (const char *at = file; *at; at += strcspn(at, "/"), at += strspn(at, "/"))
		if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2]))
			return true;
	return *file == '/' || !*file;
}

/* A service may be given its secrets as credentials, named as the files would be. */
static const char *credential(const struct reading *r, const char *file)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY"), *slash = strrchr(file, '/');
	const char *path =
		folder && *folder ? file_join(r->arena, folder, slash ? slash + 1 : file) : NULL;

	return path && file_exists(path) ? path : NULL;
}

const char *reading_secret(const struct reading *r, const struct cb_element *e, const char *account)
{
	const char *file = attribute_or(e, "file", ""), *path;
	size_t errors;
	struct stat st;

	if (leaves_folder(file)) {
		problem_at(r->problems, e, "file", 0,
			   "密钥文件应在站点目录之内，如 secrets/grid-cixi",
			   "a secret's file is inside the site's folder: secrets/grid-cixi");
		return NULL;
	}
	path = credential(r, file);
	if (path)
		return path;
	path = file_join(r->arena, r->site->folder, file);
	errors = r->problems->errors;
	if (stat(path, &st) != 0 || (S_ISREG(st.st_mode) && st.st_size == 0))
		problem_at(r->problems, e, "file", 0,
			   "还没有录入密钥（%s）：请执行 casebridge account set %s",
			   "the secret is not set yet (%s): run casebridge account set %s", file,
			   account);
	else if (!S_ISREG(st.st_mode))
		problem_at(r->problems, e, "file", 0, "%s 不是普通文件", "%s is no regular file",
			   file);
	else if ((st.st_mode & 07777 & ~0600u) != 0)
		problem_at(r->problems, e, "file", 0,
			   "密钥文件 %s 的权限是 %04o，别人也能读：请执行 chmod 600 %s",
			   "others may read %s (mode %04o): run chmod 600 %s", cb_say(file, file),
			   (unsigned)(st.st_mode & 07777), path);
	r->site->unset += r->problems->errors - errors;
	return path;
}

static bool is_url(const char *value)
{
	return strncasecmp(value, "http://", 7) == 0 || strncasecmp(value, "https://", 8) == 0;
}

static void check_value(const struct reading *r, const struct cb_element *e,
			const struct manifest_setting *setting, struct net_setting *out)
{
	const char *value = attribute_or(e, "value", ""), *type = setting->type;

	out->value = value;
	if (!*value && setting->is_needed)
		problem_at(r->problems, e, "value", 0, "“%s”是必需的，不能为空",
			   "'%s' is needed and cannot be empty", setting->label);
	if (!type || !*value)
		return;
	if (strcmp(type, "url") == 0) {
		out->is_origin = true;
		if (!is_url(value))
			problem_at(r->problems, e, "value", 0, "地址应以 http:// 或 https:// 开头",
				   "an address begins with http:// or https://");
	} else if (strcmp(type, "folder") == 0) {
		out->value = file_join(r->arena, r->site->folder, value);
		if (!file_exists(out->value))
			problem_warn(r->problems, e, "value", "目录 %s 还不存在",
				     "there is no folder %s yet", out->value);
	} else if (strcmp(type, "integer") == 0 && !number_is_integer(cb_text_of(value))) {
		problem_at(r->problems, e, "value", 0, "“%s”应为整数", "'%s' is a whole number",
			   setting->label);
	}
}

static void unknown_setting(const struct reading *r, const struct cb_element *e,
			    const struct manifest *manifest, const char *name)
{
	struct words words = { 0 };

	for (size_t i = 0; i < manifest->setting_count; i++)
		words_add(&words, manifest->settings[i].name);
	problem_at(r->problems, e, "name", 0, "连接器 %s 没有设置“%s”%s",
		   "connector %s has no setting '%s'%s", manifest->name, name,
		   words_hint(r->arena, name, &words));
}

/* One <set> or <secret>; @account: "" for the connection's own. False where it is of no use. */
static bool read_setting(const struct reading *r, const struct site_connection *c,
			 const struct cb_element *e, const char *account, bool has_accounts,
			 struct net_setting *out)
{
	const char *name = attribute_or(e, "name", "");
	bool is_secret = is_named(e, "secret");
	const struct manifest_setting *setting = manifest_setting(c->manifest, name);

	*out = (struct net_setting){ .name = name, .is_secret = is_secret };
	if (is_secret && (cb_attribute(e, "value") || utf8_trim(e->text).len))
		problem_hide(r->problems, e, "value");
	if (!setting) {
		unknown_setting(r, e, c->manifest, name);
		return false;
	}
	if (setting->is_per_account ? !*account && has_accounts : *account != '\0') {
		if (setting->is_per_account)
			problem_at(r->problems, e, "name", 0,
				   "“%s”每个账号各有一个：请写在 account 里",
				   "every account has its own '%s': write it in the account", name);
		else
			problem_at(r->problems, e, "name", 0,
				   "“%s”是连接的设置：请写在 account 之外",
				   "'%s' is the connection's: write it outside of account", name);
		return false;
	}
	if (setting->is_secret && !is_secret) {
		problem_hide(r->problems, e, "value");
		problem_at(
			r->problems, e, "value", 0,
			"“%s”是密钥，不能写在 site.xml 里：改为 <secret name=\"%s\" file=\"%s\"/>",
			"'%s' is a secret and never stands in site.xml: write <secret "
			"name=\"%s\" file=\"%s\"/>",
			setting->label, name, secret_file(r, c, account, name));
		return false;
	}
	if (!setting->is_secret && is_secret) {
		problem_at(r->problems, e, "name", 0,
			   "“%s”不是密钥：改为 <set name=\"%s\" value=\"…\"/>",
			   "'%s' is no secret: write <set name=\"%s\" value=\"…\"/>",
			   setting->label, name);
		return false;
	}
	if (is_secret) {
		out->is_origin = setting->type && strcmp(setting->type, "url") == 0;
		out->value = reading_secret(r, e, account_path(r, c, account));
	} else {
		check_value(r, e, setting, out);
	}
	return out->value != NULL;
}

static const struct cb_element *setting_before(const struct cb_element *e)
{
	const char *name = cb_attribute(e, "name");

	for (const struct cb_element *at = e->up->first; name && at != e; at = at->next)
		if ((is_named(at, "set") || is_named(at, "secret")) &&
		    strcmp(attribute_or(at, "name", ""), name) == 0)
			return at;
	return NULL;
}

/* Those of @parent (a connection or an account) into @out, which has room. */
static size_t read_settings(const struct reading *r, const struct site_connection *c,
			    const struct cb_element *parent, const char *account,
			    struct net_setting *out)
{
	bool has_accounts = cb_child(c->element, "account", NULL) != NULL;
	size_t count = 0;

	for (const struct cb_element *e = parent->first; e; e = e->next) {
		if (!is_named(e, "set") && !is_named(e, "secret"))
			continue;
		reading_check_again(r, e, setting_before(e));
		count += read_setting(r, c, e, account, has_accounts, &out[count]);
	}
	return count;
}

static bool names_setting(const struct cb_element *parent, const char *name)
{
	for (const struct cb_element *e = parent->first; e; e = e->next)
		if ((is_named(e, "set") || is_named(e, "secret")) &&
		    strcmp(attribute_or(e, "name", ""), name) == 0)
			return true;
	return false;
}

/* What is needed and does not stand in @parent. */
static void check_needed(const struct reading *r, const struct site_connection *c,
			 const struct cb_element *parent, const char *account)
{
	bool is_account = is_named(parent, "account");
	bool has_accounts = cb_child(c->element, "account", NULL) != NULL;

	for (size_t i = 0; i < c->manifest->setting_count; i++) {
		const struct manifest_setting *s = &c->manifest->settings[i];
		bool is_here = is_account ? s->is_per_account : !s->is_per_account || !has_accounts;

		if (!s->is_needed || !is_here || names_setting(parent, s->name))
			continue;
		if (s->is_secret)
			problem_at(r->problems, parent, "name", 0,
				   "缺少%s：请加 <secret name=\"%s\" file=\"%s\"/>",
				   "%s is missing: add <secret name=\"%s\" file=\"%s\"/>", s->label,
				   s->name, secret_file(r, c, account, s->name));
		else
			problem_at(r->problems, parent, "name", 0,
				   "缺少%s：请加 <set name=\"%s\" value=\"…\"/>",
				   "%s is missing: add <set name=\"%s\" value=\"…\"/>", s->label,
				   s->name);
	}
}

/* Connections. */

static struct manifest *read_manifest(const struct reading *r, const struct cb_element *e)
{
	const char *name = cb_attribute(e, "connector");
	struct words words = { 0 };
	char *file;

	if (!name)
		return NULL;
	for (size_t i = 0; i < r->site->connection_count; i++) {
		const struct site_connection *c = &r->site->connections[i];

		if (strcmp(attribute_or(c->element, "connector", ""), name) == 0)
			return c->manifest;
	}
	file = reading_find(r, arena_printf(r->arena, "connectors/%s.xml", name));
	if (file)
		return manifest_read(r->arena, file, r->problems);
	words_add_files(r, "connectors", &words);
	problem_at(r->problems, e, "connector", 0, "没有连接器“%s”（mappings/connectors/%s.xml）%s",
		   "there is no connector '%s' (mappings/connectors/%s.xml)%s", name, name,
		   words_hint(r->arena, name, &words));
	return NULL;
}

static void check_plugin(const struct reading *r, const struct manifest *m)
{
	const char *file = arena_printf(r->arena, "%s/%s.so", r->site->plugins, m->by);

	if (!file_exists(file))
		problem_at(r->problems, m->root, "by", 0, "没有安装插件 %s（找过 %s）",
			   "plugin %s is not installed (looked for %s)", m->by, file);
}

static struct net_account net_account(const struct reading *r, const struct site_connection *c,
				      const char *name, struct net_setting *settings, size_t count)
{
	const char *ca = cb_attribute(c->element, "ca-file");

	return (struct net_account){
		.connection = c->name,
		.name = name,
		.settings = settings,
		.setting_count = count,
		.zone = r->site->zone,
		.rate = c->manifest->rate,
		.timeout_ms = c->manifest->timeout_ms,
		.body_max = c->manifest->body_max,
		.ca_file = ca ? file_join(r->arena, r->site->folder, ca) : NULL,
		.proxy = cb_attribute(c->element, "proxy"),
	};
}

/* An account has the connection's settings and its own. */
static void read_account(const struct reading *r, struct site_connection *c,
			 const struct cb_element *e, const struct net_setting *shared,
			 size_t shared_count)
{
	const char *name = attribute_or(e, "name", "");
	struct net_setting *all = arena_zero(
		r->arena, (shared_count + count_children(e, "set") + count_children(e, "secret")) *
				  sizeof(*all));

	for (size_t i = 0; i < c->account_count; i++)
		if (strcmp(c->accounts[i].name, name) == 0)
			reading_check_again(r, e, c->accounts[i].element);
	if (shared_count)
		memcpy(all, shared, shared_count * sizeof(*all));
	c->accounts[c->account_count++] = (struct site_account){
		.name = name,
		.condition = cb_attribute(e, "for"),
		.net = net_account(r, c, name, all,
				   shared_count + read_settings(r, c, e, name, all + shared_count)),
		.element = e,
	};
	check_needed(r, c, e, name);
}

static void read_accounts(const struct reading *r, struct site_connection *c)
{
	const struct cb_element *e = c->element;
	size_t most = count_children(e, "set") + count_children(e, "secret"), count;
	struct net_setting *shared = arena_zero(r->arena, (most + 1) * sizeof(*shared));
	size_t accounts = count_children(e, "account");

	count = read_settings(r, c, e, "", shared);
	check_needed(r, c, e, "");
	c->settings = arena_zero(r->arena, (count + 1) * sizeof(*c->settings));
	for (size_t i = 0; i < count; i++)
		if (!shared[i].is_secret)
			c->settings[c->setting_count++] =
				(struct worker_setting){ shared[i].name, shared[i].value };
	c->accounts = arena_zero(r->arena, (accounts + 1) * sizeof(*c->accounts));
	for (const struct cb_element *a = cb_child(e, "account", NULL); a;
	     a = cb_child(e, "account", a))
		read_account(r, c, a, shared, count);
	if (!accounts) {
		c->accounts[0] = (struct site_account){
			.name = "",
			.net = net_account(r, c, "", shared, count),
			.element = e,
		};
		c->account_count = 1;
	}
}

void reading_connection(const struct reading *r, const struct cb_element *e)
{
	struct site *site = r->site;
	struct site_connection *c = &site->connections[site->connection_count];
	const char *name = attribute_or(e, "name", "");

	for (size_t i = 0; i < site->connection_count; i++)
		if (strcmp(site->connections[i].name, name) == 0)
			reading_check_again(r, e, site->connections[i].element);
	*c = (struct site_connection){
		.name = name,
		.label = attribute_or(e, "label", name),
		.manifest = read_manifest(r, e),
		.element = e,
	};
	if (c->manifest) {
		check_plugin(r, c->manifest);
		read_accounts(r, c);
	}
	site->connection_count++;
}

/* The secrets of one account. */

static const struct cb_element *find_named(const struct cb_element *parent, const char *element,
					   struct cb_text name, struct words *words)
{
	for (const struct cb_element *e = cb_child(parent, element, NULL); e;
	     e = cb_child(parent, element, e)) {
		const char *known = attribute_or(e, "name", "");

		if (cb_text_is(name, known))
			return e;
		words_add(words, known);
	}
	return NULL;
}

/* "province/zhihe" or "province" in the site file. */
static const struct cb_element *find_account(const struct reading *r, const struct cb_element *root,
					     const char *path, struct site_connection *c)
{
	const char *slash = strchr(path, '/');
	struct cb_text name = { path, slash ? (size_t)(slash - path) : strlen(path) };
	struct words words = { 0 };
	const struct cb_element *found = find_named(root, "connection", name, &words);

	if (!found) {
		problem_add(r->problems, root->file, 0, 0, "没有连接“%.*s”%s",
			    "there is no connection '%.*s'%s", CB_TEXT_ARG(name),
			    words_hint(r->arena, arena_string(r->arena, name), &words));
		return NULL;
	}
	*c = (struct site_connection){
		.name = arena_string(r->arena, name),
		.manifest = read_manifest(r, found),
		.element = found,
	};
	words = (struct words){ 0 };
	if (slash)
		found = find_named(found, "account", cb_text_of(slash + 1), &words);
	if (!found)
		problem_add(r->problems, root->file, c->element->line, 0, "连接 %s 没有账号“%s”%s",
			    "connection %s has no account '%s'%s", c->name, slash + 1,
			    words_hint(r->arena, slash + 1, &words));
	return c->manifest ? found : NULL;
}

/* Where the secrets of @parent (a connection, an account, a notice) are kept. */
static struct site_secret *list_secrets(const struct reading *r, const struct cb_element *parent,
					const struct manifest *manifest, const char *account,
					size_t *count)
{
	struct site_secret *out =
		arena_zero(r->arena, (count_children(parent, "secret") + 1) * sizeof(*out));

	for (const struct cb_element *e = cb_child(parent, "secret", NULL); e;
	     e = cb_child(parent, "secret", e)) {
		const char *name = attribute_or(e, "name", ""), *file = attribute_or(e, "file", "");
		const struct manifest_setting *setting =
			manifest ? manifest_setting(manifest, name) : NULL;

		if (leaves_folder(file)) {
			(void)reading_secret(r, e, account);
			continue;
		}
		out[(*count)++] = (struct site_secret){
			.name = name,
			.label = !manifest                   ? notice_setting_label(name)
				 : setting && setting->label ? setting->label
							     : name,
			.file = file,
			.path = file_join(r->arena, r->site->folder, file),
		};
	}
	return out;
}

struct site_secret *site_secrets(struct arena *arena, const char *folder, const char *account,
				 size_t *count, struct problems *problems)
{
	struct reading r = reading_begin(arena, folder, problems);
	size_t errors = problems->errors;
	const struct cb_element *root = reading_root(&r, folder), *parent;
	const char *slash = strchr(account, '/');
	struct words words = { 0 };
	struct site_connection c;
	struct site_secret *out;

	*count = 0;
	parent = root ? find_named(root, "notice", cb_text_of(account), &words) : NULL;
	if (parent)
		return list_secrets(&r, parent, NULL, account, count);
	parent = root ? find_account(&r, root, account, &c) : NULL;
	if (!parent)
		return NULL;
	out = list_secrets(&r, parent, c.manifest, account, count);
	check_needed(&r, &c, parent, slash ? slash + 1 : "");
	return problems->errors == errors ? out : NULL;
}
