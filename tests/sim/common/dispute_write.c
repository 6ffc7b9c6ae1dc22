/*
 * dispute_write.c - the grid's XML, our canonical JSON, and a flat CSV with
 * numbered columns; the same dispute in each.
 */
#include <stdio.h>
#include <string.h>

#include "sim/common/dispute.h"
#include "sim/common/place.h"

static void element(struct text *out, const char *name, const char *value)
{
	text_printf(out, "<%s>", name);
	text_xml(out, value);
	text_printf(out, "</%s>", name);
}

static void optional(struct text *out, const char *name, const char *value)
{
	if (*value)
		element(out, name, value);
}

static const char *sex_code(const struct party *p)
{
	return p->is_female ? "2" : "1";
}

static void party_xml(struct text *out, const struct party *p)
{
	text_put(out, "<GXR>");
	element(out, "RYLB", p->role);
	optional(out, "GXRXM", p->name);
	if (p->id[0]) {
		element(out, "GXRZJLX", "111");
		element(out, "GXRZJH", p->id);
	}
	if (!p->is_company) {
		element(out, "GXRXB", sex_code(p));
		optional(out, "GXRCSRQ", p->birth);
	}
	element(out, "GXRLXFS", p->phone[0] ? p->phone : "无");
	element(out, "GXRDZ", p->address);
	text_put(out, "</GXR>");
}

void dispute_xml(struct text *out, const struct dispute *d)
{
	int i;

	text_put(out, "<event>");
	element(out, "ID", d->id);
	element(out, "GXSJ", d->changed);
	text_printf(out, "<SJC>%s000</SJC>", d->changed);
	element(out, "AJBH", d->number);
	element(out, "SJMC", d->title);
	element(out, "AJMS", d->about.data);
	text_printf(out, "<AJDL>%.2s</AJDL>", d->type);
	element(out, "AJXL", d->type);
	element(out, "BLZT", d->handling);
	element(out, "SJZT", d->state);
	element(out, "FSSJ", d->occurred);
	element(out, "FSDD", d->address);
	element(out, "XZQH", "330282");
	element(out, "ZJBM", place_town(d->town)->code);
	element(out, "ZJMC", place_town(d->town)->name);
	element(out, "SQMC", d->village);
	text_printf(out, "<SJRS>%d</SJRS>", d->people);
	if (d->is_withdrawn)
		element(out, "SCBS", "1");
	text_printf(out, "<TJSBH>S%02d</TJSBH>", d->studio + 1);
	optional(out, "YYSJ", d->appointed);
	element(out, "SBSJ", d->reported);
	element(out, "SBRXM", d->reporter);
	element(out, "SBRLXFS", d->reporter_phone);
	text_printf(out, "<SJLY>%02d</SJLY><SJDJ>%d</SJDJ><JJCD>%d</JJCD>", d->channel, d->level,
		    d->urgency);
	text_printf(out, "<SJJE>%lld.%02d</SJJE>", (long long)(d->amount / 100),
		    (int)(d->amount % 100));
	text_printf(out, "<JD>%d.%04d</JD><WD>%d.%04d</WD>", d->east / 10000, d->east % 10000,
		    d->north / 10000, d->north % 10000);
	optional(out, "BZ", d->note);
	text_put(out, "<GXRS>");
	for (i = 0; i < d->parties; i++)
		party_xml(out, &d->party[i]);
	text_put(out, "</GXRS></event>");
}

static const char *type_name(const char *type)
{
	if (strcmp(type, "0103") == 0)
		return "neighbour";
	if (strcmp(type, "0104") == 0)
		return "land";
	return strcmp(type, "0105") == 0 ? "wage" : "marriage";
}

static const char *status_name(const struct dispute *d)
{
	if (d->handling[0] == '0')
		return "waiting";
	if (d->handling[0] == '2' || d->state[0] > '4')
		return "closed";
	return d->state[0] == '4' ? "returned" : "mediating";
}

static const char *role_name(const struct party *p)
{
	return p->role[0] == '1' ? "applicant" : "respondent";
}

static const char *sex_name(const struct party *p)
{
	return p->is_female ? "female" : "male";
}

/* yyyyMMddHHmmss with its separators and the zone; "" stays "". */
static const char *iso(char out[32], const char *moment)
{
	out[0] = '\0';
	if (*moment)
		snprintf(out, 32, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s+08:00", moment, moment + 4,
			 moment + 6, moment + 8, moment + 10, moment + 12);
	return out;
}

/* Goes in front of a member; the object was opened with its brace. */
static void name(struct text *out, const char *what)
{
	if (out->data[out->size - 1] != '{')
		text_char(out, ',');
	text_printf(out, "\"%s\":", what);
}

static void member(struct text *out, const char *what, const char *value)
{
	if (!*value)
		return;
	name(out, what);
	text_json(out, value);
}

static void open_object(struct text *out, const char *what)
{
	name(out, what);
	text_char(out, '{');
}

static void party_json(struct text *out, const struct party *p)
{
	text_char(out, '{');
	member(out, "role", role_name(p));
	member(out, "name", p->name);
	if (p->id[0]) {
		member(out, "id-type", "idcard");
		member(out, "id-number", p->id);
	}
	if (!p->is_company) {
		member(out, "sex", sex_name(p));
		member(out, "birth", p->birth);
	}
	member(out, "phone", p->phone);
	member(out, "address", p->address);
	text_char(out, '}');
}

static void place_json(struct text *out, const struct dispute *d)
{
	open_object(out, "place");
	member(out, "address", d->address);
	member(out, "region", "330282000000");
	text_printf(out, ",\"town\":\"%s000\"", place_town(d->town)->code);
	member(out, "town-name", place_town(d->town)->name);
	member(out, "village", d->village);
	text_printf(out, ",\"east\":%d.%04d,\"north\":%d.%04d}", d->east / 10000, d->east % 10000,
		    d->north / 10000, d->north % 10000);
}

static void source_json(struct text *out, const struct dispute *d)
{
	char moment[32];

	open_object(out, "source");
	member(out, "system", "grid");
	member(out, "id", d->id);
	member(out, "changed", iso(moment, d->changed));
	text_printf(out, ",\"channel\":\"%02d\"}", d->channel);
}

void dispute_json(struct text *out, const struct dispute *d)
{
	char moment[32];
	int i;

	text_char(out, '{');
	source_json(out, d);
	member(out, "number", d->number);
	member(out, "title", d->title);
	member(out, "about", d->about.data);
	member(out, "type", type_name(d->type));
	member(out, "status", status_name(d));
	member(out, "occurred", iso(moment, d->occurred));
	member(out, "reported", iso(moment, d->reported));
	member(out, "appointed", iso(moment, d->appointed));
	place_json(out, d);
	text_printf(out, ",\"people\":%d,\"studio\":{\"code\":\"S%02d\"}", d->people,
		    d->studio + 1);
	open_object(out, "reporter");
	member(out, "name", d->reporter);
	member(out, "phone", d->reporter_phone);
	text_printf(out, "},\"level\":%d,\"urgency\":%d,\"amount\":%lld.%02d", d->level, d->urgency,
		    (long long)(d->amount / 100), (int)(d->amount % 100));
	member(out, "note", d->note);
	text_put(out, ",\"party\":[");
	for (i = 0; i < d->parties; i++) {
		if (i)
			text_char(out, ',');
		party_json(out, &d->party[i]);
	}
	text_put(out, "]}\n");
}

void dispute_csv_header(struct text *out)
{
	int i;

	text_put(out,
		 "source_id,source_changed,source_channel,number,title,about,type,status,"
		 "occurred,reported,appointed,address,region,town,town_name,village,east,north,"
		 "people,studio,reporter_name,reporter_phone,level,urgency,amount,note");
	for (i = 1; i <= PARTIES; i++)
		text_printf(out,
			    ",party%d_role,party%d_name,party%d_id_type,party%d_id_number,"
			    "party%d_sex,party%d_birth,party%d_phone,party%d_address",
			    i, i, i, i, i, i, i, i);
	text_put(out, "\r\n");
}

static void cell(struct text *out, const char *value)
{
	text_csv(out, value);
	text_char(out, ',');
}

static void party_csv(struct text *out, const struct party *p)
{
	text_printf(out, ",%s,", role_name(p));
	cell(out, p->name);
	cell(out, p->id[0] ? "idcard" : "");
	cell(out, p->id);
	cell(out, p->is_company ? "" : sex_name(p));
	cell(out, p->birth);
	cell(out, p->phone);
	text_csv(out, p->address);
}

void dispute_csv(struct text *out, const struct dispute *d)
{
	char moment[32];
	int i;

	cell(out, d->id);
	cell(out, iso(moment, d->changed));
	text_printf(out, "%02d,", d->channel);
	cell(out, d->number);
	cell(out, d->title);
	cell(out, d->about.data);
	cell(out, type_name(d->type));
	cell(out, status_name(d));
	cell(out, iso(moment, d->occurred));
	cell(out, iso(moment, d->reported));
	cell(out, iso(moment, d->appointed));
	cell(out, d->address);
	text_printf(out, "330282000000,%s000,", place_town(d->town)->code);
	cell(out, place_town(d->town)->name);
	cell(out, d->village);
	text_printf(out, "%d.%04d,%d.%04d,", d->east / 10000, d->east % 10000, d->north / 10000,
		    d->north % 10000);
	text_printf(out, "%d,S%02d,", d->people, d->studio + 1);
	cell(out, d->reporter);
	cell(out, d->reporter_phone);
	text_printf(out, "%d,%d,%lld.%02d,", d->level, d->urgency, (long long)(d->amount / 100),
		    (int)(d->amount % 100));
	text_csv(out, d->note);
	for (i = 0; i < d->parties; i++)
		party_csv(out, &d->party[i]);
	for (; i < PARTIES; i++)
		text_put(out, ",,,,,,,,");
	text_put(out, "\r\n");
}
