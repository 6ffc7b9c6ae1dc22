/*
 * gateway.c - see gateway.h. It keeps nothing: what it says follows from what it is asked.
 */
#include "sim/common/gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void page(const struct request *request, struct reply *reply)
{
	char text[16];
	int from = request_form(request, "page", text, sizeof(text)) ? 2 * atoi(text) - 1 : 1;

	text_put(&reply->body, "{\"success\":true,\"data\":{\"rows\":[");
	for (int i = from; i < from + 2 && i <= GATEWAY_ISSUES; i++)
		text_printf(&reply->body, "%s{\"id\":\"G%d\"}", i > from ? "," : "", i);
	text_put(&reply->body, "]}}");
}

static void detail(const struct request *request, struct reply *reply)
{
	char id[16];

	if (!request_form(request, "id", id, sizeof(id)) || id[0] != 'G' || atoi(id + 1) < 1 ||
	    atoi(id + 1) > GATEWAY_ISSUES)
		text_put(&reply->body, "{\"success\":false,\"msg\":\"没有这件\"}");
	else
		text_printf(&reply->body,
			    "{\"success\":true,\"data\":{\"id\":\"%s\",\"title\":\"第%s件\"}}", id,
			    id + 1);
}

static void wrapped(const struct request *request, struct reply *reply)
{
	static const char *const datas[][2] = {
		{ "json", "\"[{\\\"id\\\":\\\"J1\\\",\\\"title\\\":\\\"一\\\"},"
			  "{\\\"id\\\":\\\"J2\\\",\\\"title\\\":\\\"二\\\"}]\"" },
		{ "xml", "\"<?xml version='1.0' encoding='GBK'?><res><row><id>X1</id>"
			 "<title>一</title></row></res>\"" },
		/* [{"id":"B1","title":"一"}] */
		{ "base64", "\"W3siaWQiOiJCMSIsInRpdGxlIjoi5LiAIn1d\"" },
		{ "array", "[{\"id\":\"A1\",\"title\":\"一\"},{\"id\":\"A2\",\"title\":\"二\"}]" },
		{ "nothing", "\"\"" },
		{ "broken", "\"W3si!\"" },
	};
	const char *as = request_param(request, "as");

	for (size_t i = 0; as && i < sizeof(datas) / sizeof(*datas); i++)
		if (strcmp(as, datas[i][0]) == 0)
			text_printf(&reply->body, "{\"success\":true,\"datas\":%s}", datas[i][1]);
}

/* What stands between @from and @to, or "". */
static void between(const char *text, const char *from, const char *to, char *out, size_t room)
{
	const char *at = text ? strstr(text, from) : NULL, *end;

	at = at ? at + strlen(from) : NULL;
	end = at ? strstr(at, to) : NULL;
	snprintf(out, room, "%.*s", end ? (int)(end - at) : 0, end ? at : "");
}

static void upload(const struct request *request, struct reply *reply)
{
	const char *type = request_header(request, "Content-Type");
	char mark[128], close[160], name[128], file[512], kind[64];
	const char *body = request->body.data;

	snprintf(mark, sizeof(mark), "\r\n--%s",
		 type && strstr(type, "boundary=") ? strstr(type, "boundary=") + 9 : "?");
	snprintf(close, sizeof(close), "%s--\r\n", mark);
	between(body, "name=\"file\"; filename=\"", "\"\r\n", name, sizeof(name));
	between(body, "Content-Type: ", "\r\n\r\n", kind, sizeof(kind));
	body = body ? strstr(body, "\r\n\r\n") : NULL; /* of the first part */
	body = body ? strstr(body + 4, "\r\n\r\n") : NULL;
	between(body, "\r\n\r\n", mark, file, sizeof(file));
	if (!type || strncmp(type, "multipart/form-data; ", 21) != 0 || !*name || !*file ||
	    !strstr(request->body.data, close))
		text_put(&reply->body, "{\"success\":false,\"msg\":\"不是 multipart\"}");
	else
		text_printf(&reply->body,
			    "{\"success\":true,\"name\":\"%s\",\"type\":\"%s\",\"log\":\"%zu\"}",
			    name, kind, strlen(file));
}

bool gateway_answer(const struct request *request, struct reply *reply)
{
	reply->status = 200;
	if (request_is(request, "POST", "/gateway/page"))
		page(request, reply);
	else if (request_is(request, "POST", "/gateway/detail"))
		detail(request, reply);
	else if (request_is(request, "GET", "/gateway/wrapped"))
		wrapped(request, reply);
	else if (request_is(request, "POST", "/gateway/upload"))
		upload(request, reply);
	else
		reply->status = 0;
	return reply->status != 0;
}
