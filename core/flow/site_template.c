/*
 * site_template.c - what a new site begins with.
 *
 * What stands in it works at once: files that are put into inbox/ are read. The
 * rest is commented out, to be taken up a piece at a time.
 */
#include "flow/site.h"

#include "base/buffer.h"
#include "base/file.h"

static const char template[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<!-- 站点文件：本单位与哪些系统相连，什么取进来、什么报出去。\n"
	"     改完执行 casebridge check，逐处指出错误。口令、密钥不写在这里：\n"
	"     用 casebridge account set 连接/账号 录入，保存在 secrets/ 下。\n"
	"     The site file: which systems we speak with, what comes in, what goes out. -->\n"
	"<site name=\"本单位\" model=\"mediation\" zone=\"+08:00\">\n"
	"\n"
	"  <!-- 乡镇台账：把 Excel 或 CSV 放进 inbox/，执行 casebridge run ledger-in -->\n"
	"  <connection name=\"ledger\" connector=\"ledger\" label=\"乡镇台账\">\n"
	"    <set name=\"folder\" value=\"inbox\"/>\n"
	"  </connection>\n"
	"  <import name=\"ledger-in\" from=\"ledger/rows\" every=\"1h\" label=\"台账导入\"/>\n"
	"\n"
	"  <!-- 网格平台：去掉本段的注释号，填上地址与账号，再执行\n"
	"       casebridge account set grid/main\n"
	"  <connection name=\"grid\" connector=\"grid\" label=\"网格平台\">\n"
	"    <set name=\"base\" value=\"https://grid.example.cn\"/>\n"
	"    <account name=\"main\">\n"
	"      <set name=\"user\" value=\"账号\"/>\n"
	"      <secret name=\"password\" file=\"secrets/grid-main\"/>\n"
	"    </account>\n"
	"  </connection>\n"
	"  <import name=\"grid-in\" from=\"grid/events\" every=\"10m\" label=\"网格事件导入\"/>\n"
	"  -->\n"
	"\n"
	"  <!-- 省平台：一个工作室一个账号，for 写明这个账号报哪些案件；\n"
	"       when 写明报什么，cron 是 分 时 日 月 周，deadline 是时限。\n"
	"  <connection name=\"province\" connector=\"province\" label=\"省平台\">\n"
	"    <set name=\"base\" value=\"https://tj.example.cn\"/>\n"
	"    <account name=\"first\" for=\"studio/code='S01'\">\n"
	"      <set name=\"app\" value=\"应用编号\"/>\n"
	"      <secret name=\"secret\" file=\"secrets/province-first\"/>\n"
	"    </account>\n"
	"  </connection>\n"
	"  <export name=\"province-out\" to=\"province/cases\" when=\"status='closed'\"\n"
	"          cron=\"30 20 * * *\" catch-up=\"once\"\n"
	"          deadline=\"5 workdays after closed\" approve=\"no\" label=\"案件上报\"/>\n"
	"  -->\n"
	"</site>\n";

int site_init(const char *folder, struct cb_error *err)
{
	struct arena arena = { 0 };
	char *file = file_join(&arena, folder, "site.xml");
	int rc;

	if (file_exists(file)) {
		rc = cb_fail(err, CB_SETUP, "%s 已经有了：不覆盖现有站点",
			     "%s is there already: an existing site is not overwritten", file);
		goto done;
	}
	rc = file_make_folder(folder, 0750, err);
	if (rc == CB_OK)
		rc = file_make_folder(file_join(&arena, folder, "secrets"), 0700, err);
	if (rc == CB_OK)
		rc = file_make_folder(file_join(&arena, folder, "inbox"), 0750, err);
	if (rc == CB_OK)
		rc = file_write(file, cb_text_of(template), 0644, err);
done:
	arena_done(&arena);
	return rc;
}
